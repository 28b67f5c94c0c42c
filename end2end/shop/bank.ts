// The bank's own page, as a shopper meets it.
import type { Page } from '@playwright/test';

/** Where the bank's pages are. */
export const bankUrl = process.env.BANK_URL ?? 'http://127.0.0.1:4242';

/** Any page of the bank. */
export const bankPages = (url: URL): boolean => url.origin === new URL(bankUrl).origin;

/** The bank's test cards, by what becomes of them. */
export const card = {
  pays: '4242 4242 4242 4242',
  isDeclined: '4000 0000 0000 0002',
  asksToConfirm: '4000 0025 0000 3155',
  isSlow: '4000 0000 0000 5001',
};

/** Fills in the bank's form and sends it. */
export async function payWith(page: Page, number: string): Promise<void> {
  await page.waitForURL(bankPages);
  await page.getByLabel('Card number').fill(number);
  await page.getByLabel('Expiry (MM/YY)').fill('12/39');
  await page.getByLabel('Security code (CVC)').fill('123');
  await page.getByLabel('Name on the card').fill('Ada Reader');
  await page.getByRole('button', { name: /^Pay / }).click();
}
