import { expect, test } from '../shop/test';

test('the home page shows shelves of books, and each book leads to its page', async ({ page }) => {
  await page.goto('/');
  await expect(page).toHaveTitle('Octavo');
  const book = page.getByRole('main').getByRole('article').last();
  const title = await book.getByRole('heading').innerText();
  await book.getByRole('link', { name: title }).click();
  await expect(page).toHaveURL(/\/book\//);
  await expect(page.getByRole('heading', { level: 1, name: title, exact: true })).toBeVisible();
});

test('a subject of the home page leads to its books', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('navigation', { name: 'Subjects' }).getByRole('link', { name: 'Poetry' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Poetry' })).toBeVisible();
  await expect(page.getByRole('article').first()).toBeVisible();
});

test('the first key press offers to skip the head of the page', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the page' });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('somebody who only looks around gets no cookie', async ({ page, context }) => {
  for (const address of ['/', '/search?q=emma', '/basket', '/sign-in']) await page.goto(address);
  expect(await context.cookies()).toEqual([]);
});

test('the part that runs in the browser is small, compressed and kept for ever', { tag: '@script' }, async ({ page }) => {
  const loaded = page.waitForResponse((response) => response.url().endsWith('.wasm'));
  await page.goto('/');
  const response = await loaded;
  expect(response.status()).toBe(200);
  expect(response.headers()['content-type']).toBe('application/wasm');
  expect(response.headers()['content-encoding']).toMatch(/^(br|gzip)$/);
  expect(response.headers()['cache-control']).toBe('public, max-age=31536000, immutable');
  await response.finished();
  const { responseBodySize } = await response.request().sizes();
  expect(responseBodySize).toBeLessThan(100_000);
});

test('style and scripts have names that change with their content', { tag: '@script' }, async ({ page }) => {
  const addresses: string[] = [];
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.startsWith('/pkg/')) addresses.push(response.url());
  });
  await page.goto('/', { waitUntil: 'networkidle' });
  expect(addresses.length).toBeGreaterThanOrEqual(3);
  for (const address of addresses) expect(address).toMatch(/\/octavo\.[\w-]{10,}\.(css|js|wasm)$/);
});
