//! The list of services: the option `process` of each domain's contract.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{DescriptorPool, FileDescriptor};

use crate::ports;

/// Where `package` is in a file (descriptor.proto, `SourceCodeInfo.Location.path`).
const PACKAGE: [i32; 1] = [2];

const OPTION: &str = "`option (shopmesh.policy.v1.process)`";

/// Who else stands in `peers`.
pub const NO_SERVICES: [&str; 3] = ["edge", "operator", "services"];

/// A service of the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its domain, such as `orders`.
    pub name: String,
    /// Where it listens before an offset.
    pub port: u16,
    /// What it does: the comment of its package.
    comment: String,
}

/// Who serves a domain.
enum ServedBy {
    Port(u32),
    EveryService,
}

/// The services of `pool` in the order of their ports. What is wrong with them is added to `problems`, one line each.
pub fn read(pool: &DescriptorPool, problems: &mut Vec<String>) -> Vec<Service> {
    let mut stated = BTreeMap::new();
    for file in pool.files() {
        let (Some(domain), Some(by)) = (domain(&file), served_by(pool, &file)) else { continue };
        if let Some((_, other)) = stated.insert(domain.clone(), (by, file.clone())) {
            let (file, other) = (file.name(), FileDescriptor::name(&other));
            problems.push(format!("{domain}: {OPTION} is in {other} and in {file}: once is enough"));
        }
    }
    let serving: BTreeSet<String> =
        pool.services().filter_map(|service| domain(&service.parent_file())).collect();
    for domain in serving.iter().filter(|domain| !stated.contains_key(*domain)) {
        problems.push(format!("{domain}: its services have no port: add {OPTION} to one of its files"));
    }
    let mut services = Vec::new();
    for (name, (by, file)) in stated {
        let ServedBy::Port(port) = by else { continue };
        match u16::try_from(port) {
            _ if !serving.contains(&name) => problems.push(format!("{name}: has a port and no services")),
            Ok(port) => services.push(Service { name, port, comment: comment(&file) }),
            Err(_) => problems.push(format!("{name}: {port} is no port")),
        }
    }
    services.sort_by_key(|service| service.port);
    check(&services, problems);
    services
}

fn check(services: &[Service], problems: &mut Vec<String>) {
    let mut taken: BTreeMap<u16, String> = [
        (ports::EDGE, "the edge"),
        (ports::EDGE_ADMIN, "the edge's admin interface"),
        (ports::PROCESS_ADMIN, "the process's admin interface"),
    ]
    .map(|(port, what)| (port, what.to_owned()))
    .into();
    let greatest = u16::MAX - ports::MOST_OFFSET - ports::ADMIN_ABOVE;
    for Service { name, port, .. } in services {
        // It names a variant, a folder, a host and a cluster.
        let is_plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !is_plain || NO_SERVICES.contains(&name.as_str()) {
            problems.push(format!("{name}: no service is called so"));
        }
        if !(1_024..=greatest).contains(port) {
            problems.push(format!("{name}: port {port} is not within 1024 and {greatest}"));
            continue;
        }
        let own =
            [(*port, format!("`{name}`")), (port + ports::ADMIN_ABOVE, format!("the metrics of `{name}`"))];
        for (port, what) in own {
            if let Some(other) = taken.insert(port, what.clone()) {
                problems.push(format!("{name}: port {port} would be that of {other} and of {what}"));
                break;
            }
        }
    }
}

/// `ServiceName`, whose other half is in `src/service_name`.
pub fn generate(services: &[Service]) -> String {
    let each = |line: &dyn Fn(&Service, &str) -> String| -> String {
        let variant = |name: &str| name[..1].to_ascii_uppercase() + &name[1..];
        services.iter().map(|service| line(service, &variant(&service.name))).collect()
    };
    format!(
        "/// A service of the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServiceName {{
{variants}}}

impl ServiceName {{
    /// Every service, in the order of their ports.
    pub const ALL: [Self; {count}] = [{all}];

    /// The name in identities, packages and settings.
    pub fn as_str(self) -> &'static str {{
        match self {{
{names}        }}
    }}

    /// The mesh port when no offset is given.
    pub fn default_port(self) -> u16 {{
        match self {{
{ports}        }}
    }}
}}
",
        variants = each(&|service, variant| format!("    #[doc = {:?}]\n    {variant},\n", service.comment)),
        count = services.len(),
        all = each(&|_, variant| format!("Self::{variant}, ")),
        names = each(&|service, variant| format!("            Self::{variant} => {:?},\n", service.name)),
        ports = each(&|service, variant| format!("            Self::{variant} => {},\n", service.port)),
    )
}

/// `orders` of `shopmesh.orders.v1`.
fn domain(file: &FileDescriptor) -> Option<String> {
    Some(file.package_name().strip_prefix("shopmesh.")?.split('.').next()?.to_owned())
}

fn served_by(pool: &DescriptorPool, file: &FileDescriptor) -> Option<ServedBy> {
    let extension = pool.get_extension_by_name("shopmesh.policy.v1.process")?;
    let options = file.options();
    let value = options.get_extension(&extension);
    let process = value.as_message()?;
    let every = process.get_field_by_name("every_service").and_then(|value| value.as_bool());
    match process.get_field_by_name("port").and_then(|value| value.as_u32()) {
        Some(port) if process.has_field_by_name("port") => Some(ServedBy::Port(port)),
        _ => every.filter(|every| *every).map(|_| ServedBy::EveryService),
    }
}

/// What stands above the package of `file`.
fn comment(file: &FileDescriptor) -> String {
    let locations = file.file_descriptor_proto().source_code_info.iter().flat_map(|info| &info.location);
    let package =
        locations.filter(|location| location.path == PACKAGE).find_map(|at| at.leading_comments.as_deref());
    package.unwrap_or_default().trim().to_owned()
}
