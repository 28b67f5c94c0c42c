//! Plain data that the server, the browser and API clients know: a type per view, never a whole row.

mod account;
mod basket;
mod book;
mod cost;
mod notice;
mod order;
mod price;
mod visitor;

pub use account::Account;
pub use basket::{
    Basket, BasketLine, Checkout, Country, Delivery, DeliveryChoices, DiscountCode, GiftCard, Obstacle, Redeemable, Way,
};
pub use book::{
    Author, AuthorPage, Availability, Book, BookCard, Edition, Home, SearchResults, Shelf, Subject, Suggestion,
    Suggestions,
};
pub use cost::{Cost, Vat};
pub use notice::Notice;
pub use order::{Order, OrderLine, OrderState, OrderSummary, Payment, Placed, Progress, Returned};
pub use price::Price;
pub use visitor::Visitor;
