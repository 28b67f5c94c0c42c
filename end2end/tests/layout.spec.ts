// No page scrolls sideways, and nothing that can be pressed lies on something else, on a phone or a desk. What the pages look like is left in test-results/pages, for people.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { card, payWith } from '../shop/bank';
import { expect, test } from '../shop/test';

const phone = [320, 390];
const desk = [768, 1280];

test('pages that anybody may see fit every width', async ({ page, catalogue, shopper, isMobile }) => {
  const book = await catalogue.plenty();
  const soldOut = await catalogue.soldOut();
  const pages = {
    'home': '/',
    'results': '/search?q=the',
    'no-results': '/search?q=qzxvw+kjhgf',
    'long-query': `/search?q=${'wordwithoutend'.repeat(20)}`,
    'book': `/book/${book.slug}`,
    'book-with-editions': '/book/pride-and-prejudice',
    'book-sold-out': `/book/${soldOut.slug}`,
    'author': `/author/${book.authorSlug}`,
    'subject': '/subject/classics',
    'basket-empty': '/basket',
    'checkout-empty': '/checkout',
    'sign-in': '/sign-in',
    'sign-up': '/sign-up',
    'orders-signed-out': '/orders',
    'not-found': '/no-such-page',
    'unreadable': '/search?q=%FF',
  };
  for (const [name, address] of Object.entries(pages)) {
    await page.goto(address);
    await fits(page, name, isMobile);
  }
  await shopper.search('tolkein');
  await fits(page, 'results-near', isMobile);
});

test('the pages of a purchase fit every width', async ({ page, catalogue, shopper, isMobile }) => {
  await shopper.signUp();
  await shopper.putIntoBasket(await catalogue.plenty(0));
  await shopper.putIntoBasket(await catalogue.plenty(1));
  await fits(page, 'basket', isMobile);
  await shopper.fillInCheckout();
  await fits(page, 'checkout', isMobile);
  for (const label of ['E-mail address', 'Name', 'City']) await shopper.field(label).fill(' ');
  await shopper.sendUnchecked(shopper.orderButton);
  await expect(shopper.problems).toBeVisible();
  await fits(page, 'checkout-refused', isMobile);
  await shopper.order();
  await fits(page, 'bank', isMobile);
  await payWith(page, card.isDeclined);
  await expect(page.getByRole('alert')).toBeVisible();
  await fits(page, 'bank-declined', isMobile);
  await page.getByRole('link', { name: 'Back to the shop' }).click();
  await shopper.seesOrder('Your books are held for you');
  await fits(page, 'order-awaiting', isMobile);
  await page.getByRole('link', { name: 'Pay at the bank' }).click();
  await payWith(page, card.pays);
  await shopper.seesOrder('Thank you. Your order is paid');
  await fits(page, 'order-paid', isMobile);
  await shopper.countOrders();
  await fits(page, 'orders', isMobile);
  await page.goto('/sign-up');
  await shopper.sendUnchecked(page.getByRole('button', { name: 'Create account' }));
  await expect(shopper.problems).toBeVisible();
  await fits(page, 'sign-up-refused', isMobile);
});

/** Sees that nothing is wider than the window and nothing covers another, and leaves pictures. */
async function fits(page: Page, name: string, isMobile: boolean): Promise<void> {
  for (const width of isMobile ? phone : desk) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const path = join(test.info().project.outputDir, 'pages', `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: true, animations: 'disabled' });
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(wide, `${name} at ${width}`).toBeLessThanOrEqual(width);
    expect.soft(await page.evaluate(overlaps), `what overlaps on ${name} at ${width}`).toEqual([]);
  }
}

/** Links, buttons and fields that cover another one; the button within the search's line is meant to. */
function overlaps(): string[] {
  const pressed = [...document.querySelectorAll('a, button, input, select')]
    .filter((element) => element.checkVisibility() && !element.matches('.skip, search *'))
    .map((element) => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 1 && box.height > 1);
  const pairs = pressed.flatMap((one, at) => pressed.slice(at + 1).map((other) => [one, other]));
  return pairs
    .filter(([one, other]) => !one.element.contains(other.element))
    .filter(([{ box: one }, { box: other }]) => {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      return across > 1 && down > 1;
    })
    .map(([one, other]) => `${one.element.outerHTML} and ${other.element.outerHTML}`);
}
