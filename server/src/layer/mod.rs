//! What every request passes, a layer a file; the router says in which order.

pub(crate) mod address;
pub(crate) mod api;
pub(crate) mod headers;
pub(crate) mod load;
pub(crate) mod panic;
pub(crate) mod refusal;
pub(crate) mod request_log;
pub(crate) mod same_origin;
pub(crate) mod session;
