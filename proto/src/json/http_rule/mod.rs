//! REST bindings of RPCs: path templates, their table, and how a request's parts become one message
//! (google/api/http.proto).

mod bind;
mod table;
mod template;

pub use bind::{BindError, Bindings, bind};
pub use table::{Lookup, RouteTable, TableError};
pub use template::{Template, TemplateError};
