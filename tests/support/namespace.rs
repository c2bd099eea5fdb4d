//! Machines that are network namespaces of this one, each linked with the test and with the other.

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU8, Ordering},
};

use super::process::Process;

/// Two machines. Dropping it removes them.
pub struct Network {
    /// Tells this one from those of tests that run at the same time.
    tag: String,
    /// Third byte of the addresses.
    subnet: u8,
}

/// One of them.
pub struct Machine {
    namespace: String,
    pub address: Ipv4Addr,
}

impl Network {
    /// None, and it says so, where namespaces cannot be made: that needs root.
    pub fn open() -> Option<Self> {
        static NEXT: AtomicU8 = AtomicU8::new(0);
        let pid = std::process::id();
        let own = NEXT.fetch_add(1, Ordering::Relaxed);
        let subnet = u8::try_from(pid % 120).unwrap() * 2 + own % 2;
        let network = Self { tag: format!("sm{}{own}", pid % 100_000), subnet };
        match network.link() {
            Ok(()) => Some(network),
            Err(problem) => {
                let text = format!("SKIPPED: no network namespaces here, which need root: {problem}\n");
                let _ = std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes());
                None
            }
        }
    }

    fn name(&self, machine: u8) -> String {
        format!("{}n{machine}", self.tag)
    }

    /// A bridge would need a module; three machines are linked by as many cables.
    fn link(&self) -> Result<(), String> {
        let (near, far) = (self.name(1), self.name(2));
        ip(&["netns", "add", &near])?;
        ip(&["netns", "add", &far])?;
        for namespace in [&near, &far] {
            ip(&["-n", namespace, "link", "set", "lo", "up"])?;
        }
        for (number, namespace) in [(1, &near), (2, &far)] {
            let (end, other) = (format!("{}r{number}", self.tag), format!("{}m{number}", self.tag));
            ip(&["link", "add", &end, "type", "veth", "peer", "name", &other])?;
            ip(&["link", "set", &other, "netns", namespace])?;
            ip(&["addr", "add", &format!("10.230.{}.{}/32", self.subnet, 10 + number), "dev", &end])?;
            ip(&["link", "set", &end, "up"])?;
            ip(&["-n", namespace, "addr", "add", &format!("{}/32", self.address(number)), "dev", &other])?;
            ip(&["-n", namespace, "link", "set", &other, "up"])?;
            ip(&["route", "add", &self.address(number).to_string(), "dev", &end])?;
            let back = format!("10.230.{}.{}", self.subnet, 10 + number);
            ip(&["-n", namespace, "route", "add", &back, "dev", &other])?;
        }
        let (end, other) = (format!("{}x1", self.tag), format!("{}x2", self.tag));
        ip(&["link", "add", &end, "type", "veth", "peer", "name", &other])?;
        for (namespace, device, number, to) in [(&near, &end, 1, 2), (&far, &other, 2, 1)] {
            ip(&["link", "set", device, "netns", namespace])?;
            ip(&["-n", namespace, "link", "set", device, "up"])?;
            let own = self.address(number).to_string();
            ip(&[
                "-n",
                namespace,
                "route",
                "add",
                &self.address(to).to_string(),
                "dev",
                device,
                "src",
                &own,
            ])?;
        }
        Ok(())
    }

    fn address(&self, machine: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 230, self.subnet, machine)
    }

    /// Machine 1 or 2.
    pub fn machine(&self, number: u8) -> Machine {
        Machine { namespace: self.name(number), address: self.address(number) }
    }

    /// Makes both machines know these names, as lines of /etc/hosts; those that run already notice.
    pub fn knows(&self, hosts: &str) {
        for number in [1, 2] {
            let folder = etc(&self.name(number));
            fs::create_dir_all(&folder).unwrap();
            // Written in place: the file is mounted over /etc/hosts there.
            fs::write(folder.join("hosts"), hosts).unwrap();
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for number in [1, 2] {
            // Never made is as good.
            let _ = ip(&["netns", "del", &self.name(number)]);
            let _ = fs::remove_dir_all(etc(&self.name(number)));
        }
    }
}

impl Machine {
    /// Runs the command there.
    pub fn shopmesh(&self, arguments: &[&str], log: &Path) -> Process {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace, env!("CARGO_BIN_EXE_shopmesh")]).args(arguments);
        Process::spawn(&mut command, log)
    }
}

/// What `ip netns exec` mounts over /etc.
fn etc(namespace: &str) -> PathBuf {
    Path::new("/etc/netns").join(namespace)
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let done = Command::new("ip").args(arguments).output().map_err(|error| format!("ip: {error}"))?;
    let problem = || format!("ip {}: {}", arguments.join(" "), String::from_utf8_lossy(&done.stderr).trim());
    if done.status.success() { Ok(()) } else { Err(problem()) }
}
