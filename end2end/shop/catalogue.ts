// What can be bought, asked of the shop's own API, so that the tests work on any catalogue and on a shop in use.
import { expect, type APIRequestContext } from '@playwright/test';

/** What sending a few books to Austria costs, in cents. */
export const delivery = 390;

/** An amount in cents as pages show it. */
export const euro = (cents: number): string => `€${(cents / 100).toFixed(2)}`;

/** An edition on a book's page. */
export type Edition = {
  id: number;
  slug: string;
  title: string;
  author: string;
  authorSlug: string;
  /** As its row calls it: "Paperback, English". */
  name: string;
  /** In cents. */
  price: number;
};

type Availability = { state: 'in_stock' | 'few_left' | 'sold_out' | 'not_sold'; left?: number };
type Card = { slug: string; availability: Availability };

/** The shop's books. */
export class Catalogue {
  constructor(
    private readonly api: APIRequestContext,
    /** Spreads the tests over the books: each has its own. */
    private readonly seed: string,
  ) {}

  /** An edition with copies enough for everybody; another one for each `nth`. */
  async plenty(nth = 0): Promise<Edition> {
    const cards = await this.cards();
    const first = (hash(this.seed) + nth * 7) % cards.length;
    return this.first([...cards.slice(first), ...cards.slice(0, first)], ({ state }) => state === 'in_stock');
  }

  /** An edition of which one copy is left. Half of them belong to the odd, half to the even. */
  async lastCopy(odd: boolean): Promise<Edition> {
    const isLast = ({ state, left }: Availability) => state === 'few_left' && left === 1;
    return this.first(await this.cards(), isLast, (id) => (id % 2 === 1) === odd);
  }

  /** An edition of a book that is sold out altogether. */
  async soldOut(): Promise<Edition> {
    const cards = (await this.cards()).filter((card) => card.availability.state === 'sold_out');
    return this.first(cards, ({ state }) => state === 'sold_out');
  }

  private async cards(): Promise<Card[]> {
    const { subjects } = await this.get('/api/home');
    const cards = new Map<string, Card>();
    for (const { slug } of subjects) {
      const { books } = await this.get('/api/subject', { slug });
      for (const book of books) cards.set(book.slug, book);
    }
    return [...cards.values()];
  }

  private async first(
    cards: Card[],
    fits: (availability: Availability) => boolean,
    fitsToo: (id: number) => boolean = () => true,
  ): Promise<Edition> {
    for (const { slug } of cards) {
      const book = await this.get('/api/book', { slug });
      for (const { id, format, language, price, availability } of book.editions) {
        if (!fits(availability) || !fitsToo(id) || book.authors.length === 0) continue;
        const [author] = book.authors;
        const name = `${format}, ${language}`;
        return { id, slug, title: book.title, author: author.name, authorSlug: author.slug, name, price: price.minor };
      }
    }
    throw new Error('no book of the catalogue fits: these tests want a shop that has not sold out');
  }

  private async get(path: string, params?: Record<string, string>): Promise<any> {
    const response = await this.api.get(path, { params });
    expect(response.status(), path).toBe(200);
    return response.json();
  }
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7);
}
