import { expect, test } from '../shop/test';

test('a book’s page shows what it is, who wrote it and what it costs', async ({ page, catalogue }) => {
  const book = await catalogue.plenty();
  await page.goto(`/book/${book.slug}`);
  await expect(page).toHaveTitle(`${book.title} · Octavo`);
  await expect(page.getByRole('heading', { level: 1, name: book.title, exact: true })).toBeVisible();
  const edition = page.getByRole('region', { name: 'Editions' }).getByRole('listitem').filter({ hasText: book.name });
  await expect(edition.first()).toContainText(`€${(book.price / 100).toFixed(2)}`);
  await expect(edition.first()).toContainText('In stock');
  await page.getByRole('main').getByRole('link', { name: book.author, exact: true }).click();
  await expect(page).toHaveURL(`/author/${book.authorSlug}`);
});

test('an author’s page shows their books', async ({ page, catalogue }) => {
  const book = await catalogue.plenty();
  await page.goto(`/author/${book.authorSlug}`);
  await expect(page.getByRole('heading', { level: 1, name: book.author, exact: true })).toBeVisible();
  await page.getByRole('article').getByRole('link', { name: book.title, exact: true }).click();
  await expect(page).toHaveURL(`/book/${book.slug}`);
});

test('a subject of the book leads to more of its kind', async ({ page, catalogue }) => {
  const book = await catalogue.plenty();
  await page.goto(`/book/${book.slug}`);
  const subject = page.getByRole('list', { name: 'Subjects' }).getByRole('link').first();
  const name = await subject.innerText();
  await subject.click();
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
});

test('a book that is sold out says so and cannot be bought', async ({ page, catalogue }) => {
  const book = await catalogue.soldOut();
  await page.goto(`/book/${book.slug}`);
  await expect(page.getByRole('region', { name: 'Editions' })).toContainText('Sold out');
  await expect(page.getByRole('button', { name: /Add to basket/ })).toHaveCount(0);
});

test('a list says which books are sold out', async ({ page, catalogue, shopper }) => {
  const book = await catalogue.soldOut();
  await shopper.search(book.title);
  await expect(page.getByRole('article').filter({ hasText: book.title }).first()).toContainText('Sold out');
});

test('a last copy is said to be one', async ({ page, catalogue, javaScriptEnabled }) => {
  const book = await catalogue.lastCopy(!javaScriptEnabled);
  await page.goto(`/book/${book.slug}`);
  const edition = page.getByRole('region', { name: 'Editions' }).getByRole('listitem').filter({ hasText: book.name });
  await expect(edition.filter({ hasText: 'Last copy' })).not.toHaveCount(0);
});
