import { bankPages, card, payWith } from '../shop/bank';
import { orderMailsTo, theOnlyOrderMailTo } from '../shop/mail';
import { address } from '../shop/shopper';
import { delivery, euro } from '../shop/catalogue';
import { expect, test } from '../shop/test';

const paid = 'Thank you. Your order is paid';
const held = 'Your books are held for you';
const cancelled = 'This order was cancelled';

test('a reader finds a book, signs up, pays for it and gets one confirmation', async ({ page, shopper, catalogue }) => {
  const book = await catalogue.plenty();
  await shopper.search(book.title);
  await page.getByRole('article').getByRole('link', { name: book.title, exact: true }).first().click();
  await shopper.addButton(book).click();
  await expect(page.getByRole('heading', { name: book.title, exact: true })).toBeVisible();
  await shopper.signUp('/basket');
  await page.getByRole('link', { name: 'To the checkout' }).click();
  await expect(shopper.field('E-mail address')).toHaveValue(shopper.email);
  await shopper.order();
  await expect(page.getByRole('region', { name: 'Your order' })).toContainText(book.title);
  await payWith(page, card.pays);

  await shopper.seesOrder(paid);
  const number = await shopper.orderNumber();
  const main = page.getByRole('main');
  await expect(main.getByRole('row', { name: book.title })).toContainText(`€${(book.price / 100).toFixed(2)}`);
  for (const line of Object.values(address)) await expect(main).toContainText(line);
  await expect(main).toContainText(shopper.email);

  await page.getByRole('navigation', { name: 'Foot' }).getByRole('link', { name: 'Your orders' }).click();
  await expect(shopper.orders).toHaveCount(1);
  await expect(shopper.orders).toContainText(number);
  await expect(shopper.orders).toContainText('Paid');
  await page.goto('/basket');
  await expect(page.getByRole('heading', { name: 'Your basket is empty' })).toBeVisible();

  const mail = await theOnlyOrderMailTo(shopper.email);
  expect(mail.subject).toContain(number);
  expect(mail.text).toContain(number);
  expect(mail.text).toContain(book.title);
});

test('a guest buys without an account and comes back to the order by the link in the mail', async ({ page, shopper, another, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.order();
  await payWith(page, card.pays);
  await shopper.seesOrder(paid);
  const number = await shopper.orderNumber();

  const mail = await theOnlyOrderMailTo(shopper.email);
  expect(mail.subject).toContain(number);
  const [link] = /https?:\/\/\S+\/order\/\S+/.exec(mail.text) ?? [];
  expect(link).toBeTruthy();
  const elsewhere = await another();
  await elsewhere.page.goto(link!);
  await elsewhere.seesOrder(paid);
  expect(await elsewhere.orderNumber()).toBe(number);
});

test('a page of ours leads to the bank, by itself and by a link', async ({ page, shopper, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.fillInCheckout();
  await page.route(bankPages, (route) => route.abort('aborted'));
  const byItself = page.waitForEvent('requestfailed', (request) => bankPages(new URL(request.url())));
  await shopper.orderButton.click();
  await byItself;
  const link = page.getByRole('link', { name: "To the bank's page" });
  await expect(link).toBeVisible();
  await expect(page).toHaveURL(/\/order\/[^/]+\/pay$/);
  await page.unroute(bankPages);
  await link.click();
  await page.waitForURL(bankPages);
});

test('an order that is not paid waits for it, and its page leads to the bank again', async ({ page, shopper, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.order();
  await page.getByRole('link', { name: 'Back to the shop' }).click();
  await shopper.seesOrder(held);
  await expect(page.getByRole('main')).toContainText(/\d+ minutes are left to pay/);
  await page.getByRole('link', { name: 'Pay at the bank' }).click();
  await payWith(page, card.pays);
  await shopper.seesOrder(paid);
});

test('after a card that is declined, another one pays', async ({ page, shopper, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.order();
  await payWith(page, card.isDeclined);
  await expect(page.getByRole('alert')).toContainText('Your card was declined.');
  await payWith(page, card.pays);
  await shopper.seesOrder(paid);
  await theOnlyOrderMailTo(shopper.email);
});

test('declined and then cancelled, the books are back in the basket and can be ordered anew', async ({ page, shopper, catalogue }) => {
  const book = await catalogue.plenty();
  await shopper.signUp();
  await shopper.putIntoBasket(book);
  await shopper.order();
  await payWith(page, card.isDeclined);
  await page.getByRole('link', { name: 'Back to the shop' }).click();
  await page.getByRole('button', { name: 'Cancel this order' }).click();
  await shopper.seesOrder(cancelled);
  await page.getByRole('link', { name: 'To the basket' }).click();
  await expect(page.getByRole('heading', { name: book.title, exact: true })).toBeVisible();
  expect(await orderMailsTo(shopper.email)).toEqual([]);

  await shopper.order();
  await payWith(page, card.pays);
  await shopper.seesOrder(paid);
  expect(await shopper.countOrders()).toBe(2);
});

test('the bank’s page of a cancelled order takes no money any more', async ({ page, context, shopper, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.order();
  const bank = page.url();
  const shop = await context.newPage();
  await page.getByRole('link', { name: 'Back to the shop' }).click();
  await page.getByRole('button', { name: 'Cancel this order' }).click();
  await shopper.seesOrder(cancelled);
  await shop.goto(bank);
  await expect(shop.getByRole('heading', { level: 1, name: 'This payment page has expired' })).toBeVisible();
});

test('a card whose holder is asked pays once they have agreed', async ({ page, shopper, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.order();
  await payWith(page, card.asksToConfirm);
  await expect(page.getByRole('heading', { name: 'Confirm that it is you' })).toBeVisible();
  await page.getByRole('button', { name: /^Approve/ }).click();
  await shopper.seesOrder(paid);
});

test('with a slow card the order’s page waits and then turns by itself', async ({ page, shopper, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await shopper.order();
  await payWith(page, card.isSlow);
  await shopper.seesOrder('Thank you. We are waiting for the bank');
  await expect(page.getByRole('link', { name: 'Pay at the bank' })).toBeHidden();
  await shopper.seesOrder(paid);
  await theOnlyOrderMailTo(shopper.email);
});

test('an order that is paid can be cancelled: the money comes back, and a letter says so', async ({ page, shopper, catalogue }) => {
  const book = await catalogue.plenty();
  await shopper.putIntoBasket(book);
  await shopper.order();
  await payWith(page, card.pays);
  await shopper.seesOrder(paid);
  await page.getByRole('button', { name: 'Cancel this order' }).click();
  await shopper.seesOrder(cancelled);
  const main = page.getByRole('main');
  await expect(main).toContainText('You get your money back');
  await expect(page.getByRole('button', { name: 'Cancel this order' })).toBeHidden();
  await expect(async () => {
    await page.reload();
    await expect(main.getByText('Given back').locator('..')).toContainText(euro(book.price + delivery));
  }).toPass({ timeout: 30_000 });
  const subjects = async () => (await orderMailsTo(shopper.email)).map((mail) => mail.subject).join('\n');
  await expect.poll(subjects, { timeout: 30_000 }).toContain('is on its way back');
});
