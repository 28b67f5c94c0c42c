//! What a shopper sees and calls, compiled for the server (`ssr`) and for the browser (`hydrate`).
//!
//! - [`routes`]: every address and its page; [`shell`]: the document around them
//! - [`page`]: a file per page, its component and its server functions together
//! - [`part`]: what several pages show; [`island`]: the few parts that run in the browser
//! - [`view`]: plain data that both sides know
//! - [`error`]: the one error that server functions return; [`codec`]: how they read what arrives
//! - `gateway` (server only): who is calling, what they may do, which module answers, how its answer becomes ours

// A page's type nests as deep as its elements do, and the layout of its future as deep again.
#![recursion_limit = "256"]

pub mod codec;
pub mod error;
#[cfg(feature = "ssr")]
pub mod gateway;
pub mod island;
pub mod page;
pub mod part;
pub mod routes;
pub mod shell;
pub mod view;
