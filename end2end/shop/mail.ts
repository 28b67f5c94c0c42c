// The mail sink, by its HTTP API.
import { expect } from '@playwright/test';

const mailUrl = process.env.MAIL_URL ?? 'http://127.0.0.1:1080';

/** A mail as the sink keeps it. */
export type Mail = { subject: string; text: string; to: { address: string }[] };

/** All mails that went to an address. */
export async function mailsTo(address: string): Promise<Mail[]> {
  const response = await fetch(`${mailUrl}/api/email`);
  const mails = (await response.json()) as Mail[];
  return mails.filter((mail) => mail.to.some((to) => to.address === address));
}

/** The one mail that went to an address; a second one that follows it within seconds is a failure. */
export async function theOnlyMailTo(address: string): Promise<Mail> {
  const count = async () => (await mailsTo(address)).length;
  await expect.poll(count, { message: `a mail to ${address}`, timeout: 30_000 }).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const mails = await mailsTo(address);
  expect(mails).toHaveLength(1);
  return mails[0];
}
