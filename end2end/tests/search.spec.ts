import { expect, test } from '../shop/test';

test('half a title finds the book', async ({ page, shopper }) => {
  await shopper.search('left hand');
  await expect(page).toHaveTitle('“left hand” · Octavo');
  await expect(shopper.searchLine).toHaveValue('left hand');
  await page.getByRole('link', { name: 'The Left Hand of Darkness' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'The Left Hand of Darkness' })).toBeVisible();
});

test('a misspelt author is found, and the page says that these are only near', async ({ page, shopper }) => {
  await shopper.search('tolkein');
  await expect(page.getByRole('link', { name: 'The Hobbit' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('this comes nearest');
});

test('accents and case do not matter', async ({ page, shopper }) => {
  await shopper.search('GARCIA MARQUEZ');
  await expect(page.getByRole('link', { name: 'One Hundred Years of Solitude' })).toBeVisible();
});

test('a title in another script is found by it', async ({ page, shopper }) => {
  await shopper.search('Онегин');
  await expect(page.getByRole('link', { name: 'Евгений Онегин' })).toBeVisible();
});

test('a search without a result says what to do', async ({ page, shopper }) => {
  await shopper.search('qzxvw kjhgf');
  await expect(page.getByRole('heading', { name: 'We could not find that' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('Nothing found');
  await page.getByRole('link', { name: 'See the shelves' }).click();
  await expect(page).toHaveURL('/');
});

test('a search for nothing asks what one would like', async ({ page, shopper }) => {
  await shopper.search('');
  await expect(page.getByRole('heading', { name: 'What would you like to read?' })).toBeVisible();
});

for (const [what, words] of Object.entries({
  'operators and quotes': '"+-*:^~ (AND OR NOT) title:[a TO b] \\',
  'markup': '<b onclick="x">&amp;<script>alert(1)</script>',
  'control characters and emoji': '\u0001\u202e\u{1f4da}\u200b',
  'a percent sign': '100% %41',
})) {
  test(`${what} in a query are only words`, async ({ page }) => {
    const response = await page.goto(`/search?q=${encodeURIComponent(words)}`);
    expect(response?.status()).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('b')).toHaveCount(0);
  });
}

test('a very long query gets an answer that fits the page', async ({ page }) => {
  const response = await page.goto(`/search?q=${'wordwithoutend'.repeat(400)}`);
  expect(response?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(tooWide).toBeLessThanOrEqual(0);
});

test('pages of results beyond the last, before the first and without a number are pages all the same', async ({ page }) => {
  for (const number of ['0', '-1', '99999', '99999999999999999999', 'abc']) {
    const response = await page.goto(`/search?q=the&page=${number}`);
    expect(response?.status(), number).toBe(200);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
});

test('the line searches before the scripts have come', { tag: '@script' }, async ({ page, shopper }) => {
  let letThrough = () => {};
  const held = new Promise<void>((resolve) => (letThrough = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await page.goto('/');
  await shopper.searchLine.pressSequentially('emma');
  await expect(page.getByRole('listbox')).toBeHidden();
  await shopper.searchLine.press('Enter');
  await expect(page).toHaveURL('/search?q=emma');
  await expect(page.getByRole('link', { name: 'Emma' })).toBeVisible();
  letThrough();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test.describe('suggestions while typing', { tag: '@script' }, () => {
  test.beforeEach(async ({ page, shopper }) => {
    await page.goto('/');
    // Typed before the island has woken up, nothing is suggested: type until it has.
    await expect(async () => {
      await shopper.searchLine.fill('');
      await shopper.searchLine.pressSequentially('tolk');
      await expect(page.getByRole('listbox', { name: 'Suggestions' })).toBeVisible({ timeout: 1_500 });
    }).toPass();
  });

  test('books and authors are suggested in groups, and told to who cannot see them', async ({ page, shopper }) => {
    await expect(page.getByRole('group', { name: 'Books' }).getByRole('option')).toHaveCount(2);
    await expect(page.getByRole('group', { name: 'Authors' }).getByRole('option')).toHaveText(['J. R. R. Tolkien']);
    await expect(page.getByRole('status')).toHaveText('3 suggestions');
    await expect(shopper.searchLine).toHaveAttribute('aria-expanded', 'true');
    await expect(shopper.searchLine).toHaveAttribute('aria-autocomplete', 'list');
    const list = await page.getByRole('listbox').getAttribute('id');
    expect(await shopper.searchLine.getAttribute('aria-controls')).toBe(list);
  });

  test('the arrow keys walk through the suggestions and back to the line', async ({ page, shopper }) => {
    const options = page.getByRole('option');
    const line = shopper.searchLine;
    for (const at of [0, 1, 2]) {
      await line.press('ArrowDown');
      await expect(options.nth(at)).toHaveAttribute('aria-selected', 'true');
      expect(await line.getAttribute('aria-activedescendant')).toBe(await options.nth(at).getAttribute('id'));
      await expect(page.getByRole('option', { selected: true })).toHaveCount(1);
    }
    await line.press('ArrowDown');
    await expect(line).not.toHaveAttribute('aria-activedescendant');
    await line.press('ArrowUp');
    await expect(options.nth(2)).toHaveAttribute('aria-selected', 'true');
    await expect(line).toBeFocused();
    await expect(line).toHaveValue('tolk');
  });

  test('enter opens the suggestion that is chosen', async ({ page, shopper }) => {
    await shopper.searchLine.press('ArrowDown');
    await expect(page.getByRole('option', { selected: true })).toHaveCount(1);
    const title = await page.getByRole('option', { selected: true }).innerText();
    await shopper.searchLine.press('Enter');
    await expect(page).toHaveURL(/\/book\//);
    expect(title).toContain(await page.getByRole('heading', { level: 1 }).innerText());
  });

  test('enter with none chosen searches for what is typed', async ({ page, shopper }) => {
    await shopper.searchLine.press('Enter');
    await expect(page).toHaveURL('/search?q=tolk');
  });

  test('escape closes the suggestions and keeps what is typed', async ({ page, shopper }) => {
    await shopper.searchLine.press('ArrowDown');
    await shopper.searchLine.press('Escape');
    await expect(page.getByRole('listbox')).toBeHidden();
    await expect(shopper.searchLine).toHaveAttribute('aria-expanded', 'false');
    await expect(shopper.searchLine).not.toHaveAttribute('aria-activedescendant');
    await expect(shopper.searchLine).toHaveValue('tolk');
    await shopper.searchLine.press('Enter');
    await expect(page).toHaveURL('/search?q=tolk');
  });

  test('a click opens a suggestion', async ({ page }) => {
    await page.getByRole('option', { name: /The Hobbit/ }).click();
    await expect(page).toHaveURL('/book/the-hobbit');
  });

  test('the suggestions close when one goes elsewhere', async ({ page, shopper }) => {
    await shopper.searchLine.press('Tab');
    await expect(page.getByRole('listbox')).toBeHidden();
  });

  test('an empty line suggests nothing, and what matches nothing neither', async ({ page, shopper }) => {
    await shopper.searchLine.fill('qzxvw');
    await expect(page.getByRole('listbox')).toBeHidden();
    await shopper.searchLine.fill('tolkien');
    await expect(page.getByRole('listbox')).toBeVisible();
    await shopper.searchLine.fill('');
    await expect(page.getByRole('listbox')).toBeHidden();
  });

  test('an answer that comes too late is not shown', async ({ page, shopper }) => {
    const asksForAusten = /\/api\/suggest\?q=austen\b/;
    await page.route(asksForAusten, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await route.continue();
    });
    const asked = page.waitForRequest(asksForAusten);
    await shopper.searchLine.fill('austen');
    await asked;
    const late = page.waitForResponse(asksForAusten);
    await shopper.searchLine.fill('tolkien');
    await expect(page.getByRole('option', { name: /The Hobbit/ })).toBeVisible();
    await late;
    await expect(page.getByRole('option', { name: /Austen/ })).toHaveCount(0);
    await expect(page.getByRole('option', { name: /The Hobbit/ })).toBeVisible();
  });

  test('a shop that does not answer leaves the line as it is', async ({ page, shopper, complaints }) => {
    await page.route('**/api/suggest**', (route) => route.abort());
    const failed = page.waitForEvent('requestfailed');
    await shopper.searchLine.fill('emma');
    await failed;
    await shopper.searchLine.press('Enter');
    await expect(page).toHaveURL('/search?q=emma');
    // The browser itself tells of the request that got no answer.
    expect(complaints.splice(0).every((complaint) => complaint.includes('net::ERR_FAILED'))).toBe(true);
  });
});
