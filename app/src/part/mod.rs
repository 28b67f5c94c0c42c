//! What several pages show.

mod book_card;
mod cost;
mod cover;
mod empty;
mod field;
mod footer;
mod header;
mod loaded;
mod notice;
mod order_state;
mod pager;
mod price;
mod proof_form;

pub use book_card::{BookCard, BookGrid, ByLine};
pub use cost::CostRows;
pub use cover::Cover;
pub use empty::Empty;
pub use field::{Country, Field};
pub use footer::Footer;
pub use header::Header;
#[cfg(feature = "ssr")]
pub(crate) use loaded::set_status;
pub use loaded::{Private, loaded, read};
pub use notice::{Problems, notice, why, words};
pub use order_state::{BACK_FROM_THE_BANK, OrderTag, state_words};
pub use pager::Pager;
pub use price::{Stock, year};
pub use proof_form::ProofForm;
