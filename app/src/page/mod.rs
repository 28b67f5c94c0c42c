//! The pages: a file each, its component and its server functions together.
#![expect(missing_docs, reason = "the server macro makes a struct of each function's arguments")]

pub mod author;
pub mod basket;
pub mod book;
pub mod checkout;
pub mod home;
pub mod not_found;
pub mod order;
pub mod orders;
pub mod pay;
pub mod prove_address;
pub mod search;
pub mod sign_in;
pub mod sign_up;
pub mod subject;
pub mod trouble;
