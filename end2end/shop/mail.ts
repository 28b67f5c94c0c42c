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

/** The mails about orders that went to an address: whoever signs up gets one about the address besides. */
export async function orderMailsTo(address: string): Promise<Mail[]> {
  return (await mailsTo(address)).filter((mail) => /\border\b/.test(mail.subject));
}

/** The one mail about an order that went to an address; a second one that follows it within seconds is a failure. */
export async function theOnlyOrderMailTo(address: string): Promise<Mail> {
  const count = async () => (await orderMailsTo(address)).length;
  await expect.poll(count, { message: `a mail to ${address}`, timeout: 30_000 }).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const mails = await orderMailsTo(address);
  expect(mails).toHaveLength(1);
  return mails[0];
}

/** The page that proves an address, from the mail that went there. */
export async function proofPageFor(address: string): Promise<string> {
  const link = async () => {
    const texts = (await mailsTo(address)).map((mail) => mail.text);
    return texts.map((text) => /https?:\/\/\S+\/prove-address\/[0-9a-f]{32}/.exec(text)?.[0]).find(Boolean);
  };
  await expect.poll(link, { message: `a link that proves ${address}`, timeout: 30_000 }).toBeTruthy();
  return (await link())!;
}
