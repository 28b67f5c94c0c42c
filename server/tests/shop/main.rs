//! shop tests
