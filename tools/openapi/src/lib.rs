//! Plugins that are described by an OpenAPI document: every operation becomes a tool.
//!
//! A plugin is a folder with `tool.toml` and the document, which the manifest names and whose hash it holds: a changed
//! document is refused. What the document says is material, the manifest is what holds:
//!
//! - **Hosts.** Calls go to the hosts of the manifest and nowhere else, redirects included; a document whose servers
//!   are others is refused. Private addresses are refused unless the manifest names them for that.
//! - **Arguments.** Path, query and header parameters and the fields of a JSON body are the arguments of one schema, in
//!   which all references are in place. A value is always a value: it is encoded so that it cannot become another
//!   path, parameter or header.
//! - **Credentials.** The manifest names a header and where its secret stands; whoever starts the program reads it
//!   ([`Secrets`]). It is sent with each call, to no other origin, and taken out of what comes back.
//! - **Effects.** `GET` and `HEAD` are `network`; every other method is `network` and `writes`.
//!
//! Supported are OpenAPI 3.0 and 3.1 as JSON or YAML; bodies of JSON, forms and plain text. What is not, such as an
//! upload, is left out, and [`OpenApiPlugin::notes`] says why.

mod document;
mod error;
mod manifest;
mod naming;
mod operation;
mod plugin;
mod request;
mod response;
mod schema;
mod secret;
mod tool;

pub use error::OpenApiError;
pub use manifest::{DOCUMENTS, MANIFEST, Manifest, Permissions, is_plugin};
pub use plugin::OpenApiPlugin;
pub use secret::{Credential, NoSecrets, SecretSource, Secrets};
