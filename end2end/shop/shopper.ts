// Somebody in front of a browser, and what they do in the shop.
import { randomUUID } from 'node:crypto';
import { expect, type Locator, type Page } from '@playwright/test';
import { bankPages } from './bank';
import type { Edition } from './catalogue';

/** A password that nobody else has. */
export const password = 'seven grey cats on a warm roof';

/** Where the books go. */
export const address = {
  'Name': 'Ada Reader',
  'Street and number': '12 Long Acre',
  'Postcode': '1010',
  'City': 'Vienna',
};

/** A shopper with an e-mail address of their own. */
export class Shopper {
  constructor(
    readonly page: Page,
    readonly email = `reader-${randomUUID()}@shopper.example`,
  ) {}

  /** The search's line. */
  get searchLine(): Locator {
    return this.page.getByRole('combobox', { name: 'Search books, authors, ISBN' });
  }

  /** The button that orders. */
  get orderButton(): Locator {
    return this.page.getByRole('button', { name: /^Order/ });
  }

  /** What a refused form says. */
  get problems(): Locator {
    return this.page.getByRole('alert');
  }

  async search(words: string): Promise<void> {
    await this.page.goto('/');
    await this.searchLine.fill(words);
    await this.searchLine.press('Enter');
    await this.page.waitForURL(/\/search\?/);
  }

  async open(book: Edition): Promise<void> {
    await this.page.goto(`/book/${book.slug}`);
  }

  async putIntoBasket(book: Edition): Promise<void> {
    await this.open(book);
    await this.addButton(book).click();
    await this.page.waitForURL('/basket');
  }

  addButton(book: Edition): Locator {
    return this.page.getByRole('button', { name: `Add to basket: ${book.title}, ${book.name}`, exact: true });
  }

  async signUp(next = ''): Promise<void> {
    await this.page.goto(`/sign-up?next=${encodeURIComponent(next)}`);
    await this.field('Name').fill('Ada Reader');
    await this.field('E-mail address').fill(this.email);
    await this.field('Password').fill(password);
    await this.page.getByRole('button', { name: 'Create account' }).click();
    await expect(this.page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  }

  async signIn(email: string, with_: string = password): Promise<void> {
    await this.page.goto('/sign-in');
    await this.field('E-mail address').fill(email);
    await this.field('Password').fill(with_);
    await this.page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  }

  async signOut(): Promise<void> {
    await this.page.getByRole('button', { name: 'Sign out' }).click();
    await expect(this.page.getByRole('link', { name: 'Sign in' })).toBeVisible();
  }

  async fillInCheckout(): Promise<void> {
    await this.page.goto('/checkout');
    await this.field('E-mail address').fill(this.email);
    for (const [label, text] of Object.entries(address)) await this.field(label).fill(text);
  }

  /** Orders what is in the basket, and is on the bank's page afterwards. */
  async order(): Promise<void> {
    await this.fillInCheckout();
    await this.orderButton.click();
    await this.page.waitForURL(bankPages);
  }

  /**
   * Waits until what was sent has led to an order, and answers the order's address. That is on the way to the bank, or
   * the order's own page where the bank's is not open yet.
   */
  async arrivesAtOrder(): Promise<string> {
    const address = /^\/order\/[0-9a-f]+$/;
    await this.page.waitForURL((url) => bankPages(url) || address.test(url.pathname));
    const here = new URL(this.page.url());
    if (!bankPages(here)) return here.pathname;
    const back = await this.page.getByRole('link', { name: 'Back to the shop' }).getAttribute('href');
    return new URL(back!).pathname;
  }

  /** Waits for the order's page to say how the order stands. */
  async seesOrder(heading: string): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name: heading })).toBeVisible({ timeout: 40_000 });
  }

  /** The number of the order whose page is shown. */
  async orderNumber(): Promise<string> {
    const [, number] = /^Order (\S+)/.exec(await this.page.title()) ?? [];
    expect(number, 'the number in the title').toBeTruthy();
    return number;
  }

  /** How many orders this customer has. */
  async countOrders(): Promise<number> {
    await this.page.goto('/orders');
    await expect(this.page.getByRole('heading', { level: 1, name: 'Your orders' })).toBeVisible();
    return this.orders.count();
  }

  /** The rows on the page of one's orders. */
  get orders(): Locator {
    return this.page.getByRole('main').getByRole('listitem');
  }

  /** A field of the page's form. */
  field(label: string): Locator {
    return this.page.getByRole('main').getByLabel(label, { exact: true });
  }

  /** Sends a form as it is, whatever the browser would say to its fields. */
  async sendUnchecked(button: Locator): Promise<void> {
    await button.evaluate((button: HTMLButtonElement) => {
      if (button.form) button.form.noValidate = true;
    });
    await button.click();
  }

  /** Sees which fields were refused and why: in a summary that leads to them, and at each of them. */
  async seesRefused(refused: Record<string, string>): Promise<void> {
    await expect(this.problems).toBeVisible();
    await expect(this.problems).toHaveAttribute('tabindex', '-1');
    await expect(this.problems.getByRole('link')).toHaveCount(Object.keys(refused).length);
    for (const [label, why] of Object.entries(refused)) {
      await this.problems.getByRole('link', { name: `${label} ${why}`, exact: true }).click();
      await expect(this.field(label)).toBeFocused();
      await expect(this.field(label)).toHaveAttribute('aria-invalid', 'true');
      await expect(this.field(label)).toHaveAccessibleDescription(new RegExp(`${label} ${why}`));
    }
  }
}
