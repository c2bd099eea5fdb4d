//! Real Envoy, which `tests/run` installs and puts on the PATH.

use std::{path::Path, process::Command};

use super::Process;

fn command(yaml: &Path) -> Command {
    let mut command = Command::new("envoy");
    // Without hot restart Envoys share no memory, so that several run at once.
    command.args(["--concurrency", "1", "--disable-hot-restart", "--log-level", "warn", "--config-path"]);
    command.arg(yaml);
    command
}

/// What Envoy finds wrong with a bootstrap.
pub fn validate(yaml: &Path) -> Result<(), String> {
    let output = command(yaml).args(["--mode", "validate"]).output();
    let output = output.expect("envoy is on the PATH: run the tests by tests/run");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// A bootstrap whose ports (the first of each pair) are others (the second).
pub fn with_ports(yaml: &str, ports: [(u16, u16); 2]) -> String {
    ports.iter().fold(yaml.to_owned(), |yaml, (old, new)| {
        let port = format!("port_value: {old} ");
        assert_eq!(yaml.matches(&port).count(), 1, "{port}");
        yaml.replace(&port, &format!("port_value: {new} "))
    })
}

/// Starts Envoy and waits until it serves; `admin` is the port of its admin interface.
pub fn start(yaml: &Path, admin: u16) -> Process {
    let mut envoy = Process::spawn(&mut command(yaml), &yaml.with_extension("envoy.log"));
    let ready = format!("http://127.0.0.1:{admin}/ready");
    envoy.wait_for("Envoy is ready", |_| {
        let answer = ureq::get(&ready).call().ok()?;
        (answer.status() == 200).then_some(())
    });
    envoy
}
