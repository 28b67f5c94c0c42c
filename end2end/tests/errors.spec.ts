import { expect, test } from '../shop/test';

const missing = 'This page is missing from the book';

for (const address of [
  '/no-such-page',
  '/book/no-such-book',
  '/author/nobody',
  '/subject/nothing',
  '/order/nonsense',
  '/order/AAAAAAAAAAAAAAAAAAAAAAAAAA',
  '/order/AAAAAAAAAAAAAAAAAAAAAAAAAA/pay',
]) {
  test(`${address} is not there, and the page says what to do`, async ({ page, shopper }) => {
    const response = await page.goto(address);
    expect(response?.status()).toBe(404);
    await expect(page).toHaveTitle('Not found · Octavo');
    await expect(page.getByRole('heading', { level: 1, name: missing })).toBeVisible();
    await expect(shopper.searchLine).toBeVisible();
    await page.getByRole('link', { name: 'To the shop' }).click();
    await expect(page).toHaveURL('/');
  });
}

for (const address of ['/search?q=%FF', '/book/caf%E9']) {
  test(`${address}, which is no text, is refused with a page`, async ({ page }) => {
    const response = await page.goto(address);
    expect(response?.status()).toBe(400);
    await expect(page.getByRole('heading', { level: 1, name: 'What was sent could not be read.' })).toBeVisible();
    await page.getByRole('link', { name: 'To the shop' }).click();
    await expect(page).toHaveURL('/');
  });
}

test('a form from another site changes nothing', async ({ page, shopper, catalogue, baseURL }) => {
  const book = await catalogue.plenty();
  await shopper.putIntoBasket(book);
  await page.route('http://elsewhere.example/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<title>Elsewhere</title><form method="post" action="${baseURL}/api/set_quantity">
        <input type="hidden" name="edition" value="${book.id}"><input type="hidden" name="quantity" value="0">
        <button>Win a prize</button></form>`,
    }),
  );
  await page.goto('http://elsewhere.example/');
  const refused = page.waitForResponse('**/api/set_quantity');
  await page.getByRole('button', { name: 'Win a prize' }).click();
  expect((await refused).status()).toBe(403);
  await expect(page.getByRole('heading', { level: 1, name: 'This request did not come from our own pages.' })).toBeVisible();
  await page.goto('/basket');
  await expect(page.getByRole('heading', { name: book.title, exact: true })).toBeVisible();
});

test('a field that the form does not have is refused', async ({ page, shopper, catalogue }) => {
  const book = await catalogue.plenty();
  await shopper.open(book);
  await shopper.addButton(book).evaluate((button) => {
    const price = Object.assign(document.createElement('input'), { type: 'hidden', name: 'price', value: '1' });
    button.append(price);
  });
  await shopper.addButton(book).click();
  await expect(shopper.problems.or(page.getByRole('heading', { level: 1, name: 'What was sent could not be read.' }))).toContainText('What was sent could not be read.');
  await page.goto('/basket');
  await expect(page.getByRole('heading', { name: 'Your basket is empty' })).toBeVisible();
});
