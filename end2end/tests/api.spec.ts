// The same server functions as the pages', as a program meets them: JSON, statuses, problems.
import { randomUUID } from 'node:crypto';
import { expect, test, type APIRequestContext, type APIResponse } from '@playwright/test';
import { Catalogue, delivery, type Edition } from '../shop/catalogue';
import { password } from '../shop/shopper';

const contact = { email: 'program@shopper.example', name: 'Ada Reader', street: '12 Long Acre', postcode: '1010', city: 'Vienna' };

// A request that carries a session's cookie must say where it comes from.
test.use({
  extraHTTPHeaders: { accept: 'application/json', origin: process.env.BASE_URL ?? 'http://127.0.0.1:3000' },
});

let book: Edition;

test.beforeEach(async ({ request }, { testId }) => {
  book = await new Catalogue(request, testId).plenty();
});

/** Sees a problem (RFC 9457) of this status and code. */
async function seesProblem(response: APIResponse, status: number, code: string): Promise<void> {
  expect(response.status(), await response.text()).toBe(status);
  expect(response.headers()['content-type']).toBe('application/problem+json');
  const problem = await response.json();
  expect(problem).toMatchObject({ status, code, title: expect.stringMatching(/\.$/) });
}

/** Sends an order, under a key of its own unless one is given. */
function place(request: APIRequestContext, data: object, key: string = randomUUID()): Promise<APIResponse> {
  return request.post('/api/place_order', { data, headers: { 'idempotency-key': key } });
}

test('a program searches and gets JSON', async ({ request }) => {
  const response = await request.get('/api/search', { params: { q: 'left hand of darkness' } });
  expect(response.status()).toBe(200);
  expect(response.headers()['content-type']).toBe('application/json');
  const { books, total } = await response.json();
  expect(total).toBeGreaterThan(0);
  expect(books[0]).toMatchObject({ slug: 'the-left-hand-of-darkness', price: { currency: 'EUR' } });
});

test('what changes something is never in a cache, and comes by POST only', async ({ request }) => {
  const basket = await request.get('/api/basket');
  expect(basket.headers()['cache-control']).toBe('no-store');
  await seesProblem(await request.get('/api/add_to_basket', { params: { edition: book.id, quantity: 1 } }), 404, 'not_found');
  expect((await (await request.get('/api/basket')).json()).lines).toEqual([]);
});

test('the same order sent again is answered again and is not made again', async ({ request }) => {
  await request.post('/api/add_to_basket', { data: { edition: book.id, quantity: 1 } });
  const { basket } = await (await request.get('/api/checkout')).json();
  const order = { token: basket.token, ...contact };

  const key = randomUUID();
  const first = await place(request, order, key);
  expect(first.status(), await first.text()).toBe(200);
  const placed = await first.json();
  expect(first.headers().location).toBe(placed.pay);
  expect(first.headers()['idempotent-replayed']).toBeUndefined();

  const again = await place(request, order, `"${key}"`);
  expect(again.status()).toBe(first.status());
  expect(again.headers().location).toBe(first.headers().location);
  expect(again.headers()['idempotent-replayed']).toBe('true');
  expect(await again.text()).toBe(await first.text());

  const link = placed.order.replace('/order/', '');
  const shown = await (await request.get('/api/order', { params: { link } })).json();
  expect(shown).toMatchObject({ state: 'awaiting_payment', cost: { goods: { minor: book.price, currency: 'EUR' }, total: { minor: book.price + delivery } } });
});

test('the same order sent five times at once is one order', async ({ request }) => {
  const email = `program-${randomUUID()}@shopper.example`;
  await request.post('/api/sign_up', { data: { name: 'A program', email, password } });
  await request.post('/api/add_to_basket', { data: { edition: book.id, quantity: 1 } });
  const { basket } = await (await request.get('/api/checkout')).json();
  const key = randomUUID();
  const send = async () => {
    let response = await place(request, { token: basket.token, ...contact }, key);
    for (; response.status() === 409; response = await place(request, { token: basket.token, ...contact }, key)) {
      await seesProblem(response, 409, 'in_flight');
    }
    return response;
  };
  const responses = await Promise.all([send(), send(), send(), send(), send()]);
  const orders = await Promise.all(responses.map(async (response) => (await response.json()).order));
  expect(responses.map((response) => response.status())).toEqual([200, 200, 200, 200, 200]);
  expect(new Set(orders).size).toBe(1);
  expect(await (await request.get('/api/orders')).json()).toHaveLength(1);
});

test('an order that is cancelled ends cancelled, and the books are back in the basket', async ({ request }) => {
  await request.post('/api/add_to_basket', { data: { edition: book.id, quantity: 1 } });
  const { basket } = await (await request.get('/api/checkout')).json();
  const placed = await (await place(request, { token: basket.token, ...contact })).json();
  const link = placed.order.replace('/order/', '');
  const response = await request.post('/api/cancel_order', { data: { order: link } });
  expect(response.status()).toBe(200);
  expect(response.headers().location).toBe(placed.order);
  const state = async () => (await (await request.get('/api/order', { params: { link } })).json()).state;
  await expect.poll(state, { timeout: 40_000 }).toBe('cancelled');
  const { lines } = await (await request.get('/api/basket')).json();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ edition: book.id, quantity: 1 });
  const again = await request.post('/api/cancel_order', { data: { order: link } });
  expect(again.status(), 'once more changes nothing').toBe(200);
});

test.describe('what cannot be done is a problem of its own status, and changes nothing', () => {
  for (const quantity of [-1, 100, 1_000_000_000, 9_000_000_000_000_000]) {
    test(`${quantity} copies`, async ({ request }) => {
      const response = await request.post('/api/add_to_basket', { data: { edition: book.id, quantity } });
      await seesProblem(response, 422, 'invalid');
      expect((await response.json()).fields).toEqual([{ field: 'quantity', why: 'out_of_range' }]);
      expect((await (await request.get('/api/basket')).json()).lines).toEqual([]);
    });
  }

  for (const [what, data] of Object.entries({
    'a number of copies that is none': { edition: 1, quantity: 'abc' },
    'half a copy': { edition: 1, quantity: 0.5 },
    'a field that is missing': { edition: 1 },
    'a price sent along': { edition: 1, quantity: 1, price: 1 },
    'a list': [1, 1],
    'no JSON': '{"edition": 1, "quantity"',
  })) {
    test(what, async ({ request }) => {
      const response = await request.post('/api/add_to_basket', {
        headers: { 'content-type': 'application/json' },
        data: typeof data === 'string' ? Buffer.from(data) : data,
      });
      await seesProblem(response, 400, 'malformed');
    });
  }

  test('a book that is not there', async ({ request }) => {
    await seesProblem(await request.post('/api/add_to_basket', { data: { edition: 99_999_999, quantity: 1 } }), 404, 'not_found');
    await seesProblem(await request.get('/api/book', { params: { slug: 'no-such-book' } }), 404, 'not_found');
    await seesProblem(await request.get('/api/no_such_thing'), 404, 'not_found');
    await seesProblem(await request.get('/api/order', { params: { link: 'nonsense' } }), 404, 'not_found');
  });

  test('a token that nobody gave out', async ({ request }) => {
    await request.post('/api/add_to_basket', { data: { edition: book.id, quantity: 1 } });
    for (const token of ['', 'x', 'f'.repeat(63), 'f'.repeat(5_000)]) {
      await seesProblem(await place(request, { token, ...contact }), 400, 'malformed');
    }
    await seesProblem(await place(request, { token: 'f'.repeat(64), ...contact }), 409, 'basket_changed');
    expect((await (await request.get('/api/basket')).json()).lines).toHaveLength(1);
  });

  test('a contact that cannot be reached', async ({ request }) => {
    await request.post('/api/add_to_basket', { data: { edition: book.id, quantity: 1 } });
    const { basket } = await (await request.get('/api/checkout')).json();
    const data = { token: basket.token, ...contact, email: 'nowhere', city: '' };
    const response = await place(request, data);
    await seesProblem(response, 422, 'invalid');
    expect((await response.json()).fields).toEqual([
      { field: 'email', why: 'malformed' },
      { field: 'city', why: 'missing' },
    ]);
  });

  test('ordering nothing', async ({ request }) => {
    await seesProblem(await place(request, { token: 'f'.repeat(64), ...contact }), 409, 'empty_basket');
  });

  test('orders without an account, and a wrong password', async ({ request }) => {
    await seesProblem(await request.get('/api/orders'), 401, 'sign_in_needed');
    const data = { email: 'nobody@shopper.example', password: 'not the right one' };
    await seesProblem(await request.post('/api/sign_in', { data }), 401, 'wrong_credentials');
  });

  test('a body that is too large, and one that is neither a form nor JSON', async ({ request }) => {
    const large = { edition: book.id, quantity: 1, note: 'x'.repeat(100_000) };
    await seesProblem(await request.post('/api/add_to_basket', { data: large }), 413, 'too_large');
    const headers = { 'content-type': 'text/plain' };
    await seesProblem(await request.post('/api/add_to_basket', { headers, data: 'edition=1&quantity=1' }), 415, 'unsupported_type');
  });

  test('a query that is not UTF-8', async ({ request }) => {
    await seesProblem(await request.get('/api/search?q=%FF'), 400, 'malformed');
  });

  test('a request from another site, or one with a session that does not say where it comes from', async ({ request, playwright, baseURL }) => {
    const elsewhere = { origin: 'http://elsewhere.example' };
    const data = { edition: book.id, quantity: 1 };
    await seesProblem(await request.post('/api/add_to_basket', { headers: elsewhere, data }), 403, 'cross_site');
    await request.post('/api/add_to_basket', { data });
    const storageState = await request.storageState();
    const silent = await playwright.request.newContext({ baseURL, storageState, extraHTTPHeaders: { accept: 'application/json' } });
    await seesProblem(await silent.post('/api/add_to_basket', { data }), 403, 'cross_site');
    await silent.dispose();
    expect((await (await request.get('/api/basket')).json()).lines[0].quantity).toBe(1);
  });
});

test('an account’s order is in its own list and in nobody else’s', async ({ request, playwright, baseURL }) => {
  const email = `program-${randomUUID()}@shopper.example`;
  await request.post('/api/sign_up', { data: { name: 'A program', email, password } });
  await request.post('/api/add_to_basket', { data: { edition: book.id, quantity: 1 } });
  const { basket } = await (await request.get('/api/checkout')).json();
  await place(request, { token: basket.token, ...contact });
  expect(await (await request.get('/api/orders')).json()).toHaveLength(1);

  const extraHTTPHeaders = { accept: 'application/json', origin: baseURL! };
  const other = await playwright.request.newContext({ baseURL, extraHTTPHeaders });
  await other.post('/api/sign_up', { data: { name: 'Another', email: `program-${randomUUID()}@shopper.example`, password } });
  expect(await (await other.get('/api/orders')).json()).toEqual([]);
  await seesProblem(await place(other, { token: basket.token, ...contact }), 409, 'empty_basket');
  await other.dispose();
});

test('the health of the shop can be asked', async ({ request }) => {
  expect((await request.get('/healthz')).status()).toBe(200);
  expect((await request.get('/readyz')).status()).toBe(200);
});

test('every answer carries the headers that keep browsers careful', async ({ request }) => {
  for (const address of ['/', '/api/basket', '/favicon.svg', '/no-such-page', '/search?q=%FF']) {
    const headers = (await request.get(address)).headers();
    expect(headers['x-content-type-options'], address).toBe('nosniff');
    expect(headers['content-security-policy'], address).toMatch(/default-src 'none';.*frame-ancestors 'none'/);
    expect(headers['referrer-policy'], address).toBe('same-origin');
    expect(headers['x-request-id'], address).toBeTruthy();
  }
});

test('a page keeps its own headers while files are asked for', async ({ request }) => {
  for (let round = 0; round < 10; round++) {
    const files = Array.from({ length: 10 }, () => request.get('/favicon.svg'));
    const pages = await Promise.all(Array.from({ length: 5 }, () => request.get('/', { headers: { accept: 'text/html' } })));
    for (const page of pages) {
      const [, nonce] = /nonce="([^"]+)"/.exec(await page.text()) ?? [];
      expect(page.headers()['content-security-policy']).toContain(`script-src 'nonce-${nonce}'`);
    }
    for (const file of await Promise.all(files)) {
      expect(file.headers()['content-security-policy']).toContain("script-src 'none'");
    }
  }
});
