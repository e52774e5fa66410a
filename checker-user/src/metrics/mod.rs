//! Metrics and health over HTTP, for Prometheus and for whoever restarts what is not healthy. Asked of the daemon at
//! each request, so nothing is counted twice and nothing costs anything while nobody asks.

pub mod server;
mod answer;
mod families;
mod family;
