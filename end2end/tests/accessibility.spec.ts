// Every page in every state, in light and dark colours, by the rules that axe can check.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { bankPages, card, payWith } from '../shop/bank';
import type { Catalogue } from '../shop/catalogue';
import { proofPageFor } from '../shop/mail';
import type { Shopper } from '../shop/shopper';
import { expect, test } from '../shop/test';

type Way = (world: { page: Page; shopper: Shopper; catalogue: Catalogue }) => Promise<unknown>;

const states: Record<string, Way> = {
  'the home page': ({ page }) => page.goto('/'),
  'results': ({ shopper }) => shopper.search('tolkien'),
  'results that are only near': ({ shopper }) => shopper.search('tolkein'),
  'no results': ({ shopper }) => shopper.search('qzxvw kjhgf'),
  'a search for nothing': ({ page }) => page.goto('/search'),
  'a book': async ({ shopper, catalogue }) => shopper.open(await catalogue.plenty()),
  'a book with several editions': ({ page }) => page.goto('/book/pride-and-prejudice'),
  'a book that is sold out': async ({ shopper, catalogue }) => shopper.open(await catalogue.soldOut()),
  'a book in another script': ({ shopper, page }) =>
    shopper.search('源氏物語').then(() => page.getByRole('article').getByRole('link').first().click()),
  'an author': async ({ page, catalogue }) => page.goto(`/author/${(await catalogue.plenty()).authorSlug}`),
  'a subject': ({ page }) => page.goto('/subject/poetry'),
  'an empty basket': ({ page }) => page.goto('/basket'),
  'a basket': async ({ shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty(0));
    await shopper.putIntoBasket(await catalogue.plenty(1));
  },
  'a basket with a refused quantity': async ({ page, shopper, catalogue }) => {
    const book = await catalogue.plenty();
    await shopper.putIntoBasket(book);
    await page.getByRole('spinbutton', { name: 'Copies' }).fill('100');
    await shopper.sendUnchecked(page.getByRole('button', { name: `Update the copies of ${book.title}` }));
    await expect(shopper.problems).toBeVisible();
  },
  'an empty checkout': ({ page }) => page.goto('/checkout'),
  'the checkout': async ({ shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.fillInCheckout();
  },
  'the checkout with refused fields': async ({ shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.fillInCheckout();
    for (const label of ['Name', 'City']) await shopper.field(label).fill(' ');
    await shopper.sendUnchecked(shopper.orderButton);
    await expect(shopper.problems).toBeVisible();
  },
  'the way to the bank': async ({ page, shopper, catalogue }) => {
    await page.route(bankPages, (route) => route.abort('aborted'));
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.fillInCheckout();
    await shopper.orderButton.click();
    await expect(page.getByRole('heading', { name: 'On the way to the bank' })).toBeVisible();
  },
  'the bank’s page': async ({ page, shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.order();
    await expect(page.getByRole('button', { name: /^Pay / })).toBeVisible();
  },
  'the bank’s page after a declined card': async ({ page, shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.order();
    await payWith(page, card.isDeclined);
    await expect(page.getByRole('alert')).toBeVisible();
  },
  'the bank’s page with refused fields': async ({ page, shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.order();
    await payWith(page, '1234');
    await expect(page.getByLabel('Card number')).toHaveAttribute('aria-invalid', 'true');
  },
  'the bank’s question to a card’s holder': async ({ page, shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.order();
    await payWith(page, card.asksToConfirm);
    await expect(page.getByRole('button', { name: /^Approve/ })).toBeVisible();
  },
  'an order that waits for its payment': async ({ page, shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.order();
    await page.getByRole('link', { name: 'Back to the shop' }).click();
    await shopper.seesOrder('Your books are held for you');
  },
  'an order that is paid': async ({ page, shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.order();
    await payWith(page, card.pays);
    await shopper.seesOrder('Thank you. Your order is paid');
  },
  'an order that was cancelled': async ({ page, shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.order();
    await page.getByRole('link', { name: 'Back to the shop' }).click();
    await page.getByRole('button', { name: 'Cancel this order' }).click();
    await shopper.seesOrder('This order was cancelled');
  },
  'an order that was cancelled after it was paid': async ({ page, shopper, catalogue }) => {
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.order();
    await payWith(page, card.pays);
    await shopper.seesOrder('Thank you. Your order is paid');
    await page.getByRole('button', { name: 'Cancel this order' }).click();
    await shopper.seesOrder('This order was cancelled');
  },
  'one’s orders': async ({ shopper, catalogue }) => {
    await shopper.signUp();
    await shopper.putIntoBasket(await catalogue.plenty());
    await shopper.order();
    await shopper.countOrders();
  },
  'no orders yet': async ({ shopper }) => {
    await shopper.signUp();
    await shopper.countOrders();
  },
  'the link that proves an address': async ({ page, shopper }) => {
    await shopper.signUp();
    await page.goto(await proofPageFor(shopper.email));
    await expect(page.getByRole('button', { name: 'Yes, it is mine' })).toBeVisible();
  },
  'a link that proves nothing': async ({ page, shopper }) => {
    await shopper.signUp();
    await page.goto('/prove-address/0');
    await expect(page.getByRole('button', { name: 'Send me a new link' })).toBeVisible();
  },
  'orders without signing in': ({ page }) => page.goto('/orders'),
  'signing in': ({ page }) => page.goto('/sign-in'),
  'signing in with a wrong password': async ({ shopper }) => {
    await shopper.signIn('nobody@shopper.example', 'not the right one');
    await expect(shopper.problems).toBeVisible();
  },
  'signing up': ({ page }) => page.goto('/sign-up'),
  'signing up with refused fields': async ({ page, shopper }) => {
    await page.goto('/sign-up');
    await shopper.sendUnchecked(page.getByRole('button', { name: 'Create account' }));
    await expect(shopper.problems).toBeVisible();
  },
  'a page that is not there': ({ page }) => page.goto('/no-such-page'),
  'what cannot be read': ({ page }) => page.goto('/search?q=%FF'),
};

for (const [state, way] of Object.entries(states)) {
  test(`${state}: nothing stands in anybody’s way`, async ({ page, shopper, catalogue }) => {
    await way({ page, shopper, catalogue });
    await seesNoBarrier(page);
  });
}

test('suggestions: nothing stands in anybody’s way', async ({ page, shopper }) => {
  await page.goto('/');
  await expect(async () => {
    await shopper.searchLine.fill('');
    await shopper.searchLine.pressSequentially('tolk');
    await expect(page.getByRole('listbox')).toBeVisible({ timeout: 1_500 });
  }).toPass();
  await shopper.searchLine.press('ArrowDown');
  await seesNoBarrier(page);
});

async function seesNoBarrier(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // Colours that are still on their way to the other scheme are nobody's.
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html} ${node.failureSummary}`));
    expect(found, `${colorScheme} colours`).toEqual([]);
  }
}
