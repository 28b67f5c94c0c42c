import { bankPages, card, payWith } from '../shop/bank';
import { address, Shopper } from '../shop/shopper';
import { delivery, euro } from '../shop/catalogue';
import { expect, test } from '../shop/test';

test('with nothing in the basket there is nothing to order', async ({ page }) => {
  await page.goto('/checkout');
  await expect(page.getByRole('heading', { name: 'There is nothing to order' })).toBeVisible();
});

test('the checkout shows what is ordered and what it costs', async ({ page, shopper, catalogue }) => {
  const book = await catalogue.plenty();
  await shopper.putIntoBasket(book);
  await page.getByRole('link', { name: 'To the checkout' }).click();
  const summary = page.getByRole('complementary', { name: 'Your order' });
  await expect(summary).toContainText(book.title);
  await expect(summary).toContainText(book.name);
  await expect(shopper.orderButton).toHaveText(`Order and pay ${euro(book.price + delivery)}`);
  await summary.getByRole('link', { name: 'Change books, delivery or codes' }).click();
  await expect(page).toHaveURL('/basket');
});

test('fields that cannot be used are named, with a way to each, and the others keep what was typed', async ({ page, shopper, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.fillInCheckout();
  await shopper.field('E-mail address').fill('ada at home');
  await shopper.field('Name').fill('  ');
  await shopper.field('Postcode').fill('');
  await shopper.sendUnchecked(shopper.orderButton);
  await shopper.seesRefused({ 'E-mail address': 'does not look right', 'Name': 'is missing', 'Postcode': 'is missing' });
  await expect(shopper.field('E-mail address')).toHaveValue('ada at home');
  await expect(shopper.field('Street and number')).toHaveValue(address['Street and number']);
  await expect(shopper.field('City')).toHaveValue(address.City);

  await shopper.fillInCheckout();
  await shopper.orderButton.click();
  await page.waitForURL(bankPages);
});

test('what was typed in any script comes back as it was', async ({ page, shopper, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.fillInCheckout();
  const name = 'Zoë "Ж" <紅樓夢> & O’Neill – ليلى';
  await shopper.field('Name').fill(name);
  await shopper.field('E-mail address').fill('no');
  await shopper.sendUnchecked(shopper.orderButton);
  await shopper.seesRefused({ 'E-mail address': 'does not look right' });
  await expect(shopper.field('Name')).toHaveValue(name);
});

test('a double click on the button that orders makes one order', async ({ shopper, catalogue }) => {
  await shopper.signUp();
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.fillInCheckout();
  await shopper.orderButton.dblclick();
  await shopper.arrivesAtOrder();
  expect(await shopper.countOrders()).toBe(1);
});

test('two tabs with the same checkout make one order, and both lead to it', async ({ context, shopper, catalogue }) => {
  await shopper.signUp();
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.fillInCheckout();
  const secondTab = new Shopper(await context.newPage());
  await secondTab.fillInCheckout();
  await Promise.all([shopper.orderButton.click(), secondTab.orderButton.click()]);
  expect(await secondTab.arrivesAtOrder()).toBe(await shopper.arrivesAtOrder());
  expect(await shopper.countOrders()).toBe(1);
});

test('the form of a tab that was left open leads to the order that was paid meanwhile', async ({ page, context, shopper, catalogue }) => {
  await shopper.signUp();
  await shopper.putIntoBasket(await catalogue.plenty());
  const oldTab = new Shopper(await context.newPage());
  await oldTab.fillInCheckout();
  await shopper.order();
  await payWith(page, card.pays);
  await shopper.seesOrder('Thank you. Your order is paid');
  await oldTab.orderButton.click();
  await oldTab.seesOrder('Thank you. Your order is paid');
  expect(new URL(oldTab.page.url()).pathname).toBe(new URL(page.url()).pathname);
  expect(await shopper.countOrders()).toBe(1);
});

test('back from the bank and forward again there is one order, and nothing more to order', async ({ page, shopper, catalogue }) => {
  await shopper.signUp();
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.order();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'There is nothing to order' })).toBeVisible();
  await page.goForward();
  await page.waitForURL(bankPages);
  expect(await shopper.countOrders()).toBe(1);
});

test('a reload on the way to the bank and at the order makes no second one', async ({ page, shopper, catalogue }) => {
  await shopper.signUp();
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.order();
  await page.reload();
  await payWith(page, card.pays);
  await shopper.seesOrder('Thank you. Your order is paid');
  await page.reload();
  await shopper.seesOrder('Thank you. Your order is paid');
  expect(await shopper.countOrders()).toBe(1);
});

test('a basket that was changed in another tab is not ordered unseen', async ({ page, context, shopper, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty(0));
  await shopper.fillInCheckout();
  const otherTab = new Shopper(await context.newPage());
  await otherTab.putIntoBasket(await catalogue.plenty(1));
  await shopper.orderButton.click();
  await expect(shopper.problems).toContainText('Your basket has changed since this page was shown. Nothing was ordered.');
  await expect(page.getByRole('complementary', { name: 'Your order' }).getByRole('listitem')).toHaveCount(2);
});

test('the last copy goes to one of two who want it at once, and the other is told', async ({ shopper, another, catalogue, javaScriptEnabled }) => {
  const book = await catalogue.lastCopy(!javaScriptEnabled);
  const racers = [shopper, await another()];
  for (const racer of racers) {
    await racer.putIntoBasket(book);
    await racer.fillInCheckout();
  }
  await Promise.all(racers.map((racer) => racer.orderButton.click()));
  const ends = racers.map(async ({ page, problems }) => {
    await expect.poll(async () => bankPages(new URL(page.url())) || (await problems.isVisible().catch(() => false)), { timeout: 30_000 }).toBe(true);
    return bankPages(new URL(page.url()));
  });
  const got = await Promise.all(ends);
  expect(got.filter(Boolean)).toHaveLength(1);

  const [winner, loser] = got[0] ? racers : [racers[1], racers[0]];
  await expect(loser.problems).toContainText('the last copy has just gone');
  await loser.page.goto('/basket');
  await expect(loser.page.getByRole('main')).toContainText('Sold out in the meantime: please remove it.');
  await expect(loser.page.getByRole('link', { name: 'To the checkout' })).toHaveCount(0);
  await payWith(winner.page, card.pays);
  await winner.seesOrder('Thank you. Your order is paid');
});
