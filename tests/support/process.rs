//! A child process whose output goes to a file. Dropping it ends it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    time::Duration,
};

use super::{eventually, poll::within};

/// A running command.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a command; what it writes is appended to `log`.
    pub fn spawn(command: &mut Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        let command = command.stdout(file.try_clone().unwrap()).stderr(file);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, log: log.to_owned() }
    }

    /// Starts the `shopmesh` command.
    pub fn shopmesh(arguments: &[&str], log: &Path) -> Self {
        Self::spawn(Command::new(env!("CARGO_BIN_EXE_shopmesh")).args(arguments), log)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What the process wrote.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until an answer comes; fails when the process ends before.
    pub fn wait_for<T>(&mut self, what: &str, mut ask: impl FnMut(&Self) -> Option<T>) -> T {
        eventually(what, || {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("{what}: the process ended with {status}:\n{}", self.log());
            }
            ask(self)
        })
    }

    /// Ends the process as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// How the process ended; `None` while it runs.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Ctrl-C, and the exit status.
    pub fn interrupt(&mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        eventually("the process ends", || self.child.try_wait().unwrap())
    }

    /// The exit status of a process that ends by itself within `limit`.
    pub fn ended(&mut self, limit: Duration) -> ExitStatus {
        within(limit, "the process ends by itself", || self.child.try_wait().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
