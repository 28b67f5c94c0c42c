import { delivery, euro } from '../shop/catalogue';
import { expect, test } from '../shop/test';

test('an empty basket says so and leads to the shelves', async ({ page }) => {
  await page.goto('/basket');
  await expect(page.getByRole('heading', { name: 'Your basket is empty' })).toBeVisible();
  await page.getByRole('link', { name: 'See the shelves' }).click();
  await expect(page).toHaveURL('/');
});

test('a book is put into the basket, more of it is taken, and it is removed', async ({ page, shopper, catalogue }) => {
  const book = await catalogue.plenty();
  const price = (copies: number) => euro(book.price * copies);
  await shopper.putIntoBasket(book);
  const main = page.getByRole('main');
  await expect(main.getByRole('heading', { name: book.title, exact: true })).toBeVisible();
  const books = main.getByText('Books', { exact: true }).locator('..');
  await expect(books).toContainText(price(1));
  await expect(main.getByText('Total').locator('..')).toContainText(euro(book.price + delivery));

  await main.getByRole('spinbutton', { name: 'Copies' }).fill('3');
  await main.getByRole('button', { name: `Update the copies of ${book.title}` }).click();
  await expect(books).toContainText(price(3));
  await expect(main).toContainText(`${price(1)} each`);
  await expect(page.getByRole('link', { name: /^Basket\s*, copies in it: 3$/ })).toBeVisible();

  await main.getByRole('button', { name: `Remove ${book.title}` }).click();
  await expect(main.getByRole('heading', { name: 'Your basket is empty' })).toBeVisible();
});

test('delivery is chosen in the basket, and stands in its sum, on the checkout and on the order', async ({ page, shopper, catalogue }) => {
  const book = await catalogue.plenty();
  await shopper.putIntoBasket(book);
  const main = page.getByRole('main');
  await shopper.field('Country').selectOption('Germany');
  await main.getByRole('button', { name: 'Update delivery' }).click();
  await expect(main.getByText('Delivery to Germany').locator('..')).toContainText('€7.90');
  await page.goto('/checkout');
  await expect(main).toContainText('Country: Germany');
  await expect(main).toContainText(euro(book.price + 790));

  await page.goto('/basket');
  await main.getByLabel('Collected in the shop').check();
  await main.getByRole('button', { name: 'Update delivery' }).click();
  await expect(main.getByText('Collected in the shop', { exact: true }).locator('..')).toContainText('free');
  await page.goto('/checkout');
  await expect(shopper.field('Street and number')).toHaveCount(0);
  await shopper.field('E-mail address').fill(shopper.email);
  await shopper.field('Name').fill('Ada Reader');
  await shopper.orderButton.click();
  await page.goto(await shopper.arrivesAtOrder());
  await expect(main.getByRole('heading', { name: 'To be collected' })).toBeVisible();
});

test('the discount code of the demonstration makes the books a tenth cheaper, and another is refused', async ({ page, shopper, catalogue }) => {
  const book = await catalogue.plenty();
  await shopper.putIntoBasket(book);
  const main = page.getByRole('main');
  await shopper.field('Discount code or gift card').fill('no such code');
  await main.getByRole('button', { name: 'Apply' }).click();
  await expect(shopper.problems).toContainText('Discount code or gift card is not one that we know');
  await shopper.field('Discount code or gift card').fill('welcome');
  await main.getByRole('button', { name: 'Apply' }).click();
  const discount = Math.round(book.price / 10);
  await expect(main.getByText('Discount (WELCOME)').locator('..')).toContainText(euro(discount));
  await expect(main.getByText('Total').locator('..')).toContainText(euro(book.price - discount + delivery));
  await main.getByRole('button', { name: 'Remove: discount code' }).click();
  await expect(main.getByText('Total').locator('..')).toContainText(euro(book.price + delivery));
});

test('the same book twice is two copies of it', async ({ page, shopper, catalogue }) => {
  const book = await catalogue.plenty();
  await shopper.putIntoBasket(book);
  await shopper.putIntoBasket(book);
  await expect(page.getByRole('main').getByRole('spinbutton', { name: 'Copies' })).toHaveValue('2');
});

test('a reload after putting a book into the basket puts no second one there', async ({ page, shopper, catalogue }) => {
  await shopper.putIntoBasket(await catalogue.plenty());
  await page.reload();
  await expect(page.getByRole('main').getByRole('spinbutton', { name: 'Copies' })).toHaveValue('1');
});

for (const quantity of ['-1', '100', '1000000000', 'abc', '']) {
  test(`${quantity || 'nothing'} as a number of copies changes nothing and is explained`, async ({ page, shopper, catalogue }) => {
    const book = await catalogue.plenty();
    await shopper.putIntoBasket(book);
    const copies = page.getByRole('main').getByRole('spinbutton', { name: 'Copies' });
    await copies.evaluate((input: HTMLInputElement, quantity) => {
      input.type = 'text';
      input.value = quantity;
    }, quantity);
    await shopper.sendUnchecked(page.getByRole('button', { name: `Update the copies of ${book.title}` }));
    await expect(shopper.problems).toBeVisible();
    await page.goto('/basket');
    await expect(copies).toHaveValue('1');
  });
}

test('more copies than there are cannot be had, and the page says how many can', async ({ page, shopper, catalogue, javaScriptEnabled }) => {
  const book = await catalogue.lastCopy(!javaScriptEnabled);
  await shopper.putIntoBasket(book);
  await page.getByRole('main').getByRole('spinbutton', { name: 'Copies' }).fill('2');
  await page.getByRole('button', { name: `Update the copies of ${book.title}` }).click();
  await expect(shopper.problems).toContainText(`${book.title}, `);
  await expect(shopper.problems).toContainText('we have only one copy left');
  await expect(page.getByRole('main').getByRole('spinbutton', { name: 'Copies' })).toHaveValue('1');
});

test('the basket comes along when its owner signs up, and stays behind when they sign out', async ({ page, shopper, catalogue }) => {
  const book = await catalogue.plenty();
  await shopper.putIntoBasket(book);
  await shopper.signUp('/basket');
  await expect(page).toHaveURL('/basket');
  await expect(page.getByRole('heading', { name: book.title, exact: true })).toBeVisible();
  await shopper.signOut();
  await page.goto('/basket');
  await expect(page.getByRole('heading', { name: 'Your basket is empty' })).toBeVisible();
});

test('what a guest has in the basket is added to what the account had', async ({ page, shopper, catalogue }) => {
  const [kept, brought] = [await catalogue.plenty(0), await catalogue.plenty(1)];
  await shopper.signUp();
  await shopper.putIntoBasket(kept);
  await shopper.signOut();
  await shopper.putIntoBasket(brought);
  await shopper.signIn(shopper.email);
  await page.goto('/basket');
  await expect(page.getByRole('main').getByRole('spinbutton', { name: 'Copies' })).toHaveCount(2);
});
