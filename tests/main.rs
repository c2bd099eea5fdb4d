//! End-to-end tests: the real command, real clients, real engines. One binary, a module per journey.

#![allow(clippy::unwrap_used)]

mod access;
mod bad_input;
mod clients;
mod command;
mod concurrency;
mod contract;
mod crash;
mod derived;
mod envoy;
mod grpcurl;
mod lists;
mod mail;
mod observability;
mod openapi;
mod pages;
mod postgres;
mod processes;
mod purchase;
mod readme;
mod replay;
mod storage;
mod support;
mod tidy;
