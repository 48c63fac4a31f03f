use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::Value;

/// A command that goes on running. It ends with the test.
pub struct Program {
    child: Child,
    readers: Vec<JoinHandle<()>>,
    output: Arc<Mutex<String>>,
    /// The line of JSON that it began with.
    pub summary: Value,
}

/// A command that has ended.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command to its end, in a folder without `.env`.
pub fn run(arguments: &[&str]) -> Ended {
    run_with(arguments, &[], Path::new(env!("CARGO_TARGET_TMPDIR")))
}

pub fn run_with(arguments: &[&str], variables: &[(&str, &str)], folder: &Path) -> Ended {
    let mut command = command(arguments, folder);
    ended(command.envs(variables.iter().copied()).output().unwrap())
}

/// Runs a command to its end, with this on standard input.
pub fn run_fed(arguments: &[&str], input: &str) -> Ended {
    let mut command = command(arguments, Path::new(env!("CARGO_TARGET_TMPDIR")));
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that wants no input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    ended(child.wait_with_output().unwrap())
}

fn ended(output: Output) -> Ended {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().expect("it ends by itself");
    Ended { code, stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

impl Program {
    /// Starts a command with `--json` and waits for its line.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[], Path::new(env!("CARGO_TARGET_TMPDIR")))
    }

    /// `countersign demo` on free ports, with these further arguments.
    pub fn demo(more: &[&str]) -> Self {
        Self::start(&[&["demo", "--listen", "127.0.0.1:0"], more].concat())
    }

    /// `countersign provider` on a free port, with these further arguments.
    pub fn provider(more: &[&str]) -> Self {
        Self::start(&[&["provider", "--listen", "127.0.0.1:0"], more].concat())
    }

    pub fn start_with(arguments: &[&str], variables: &[(&str, &str)], folder: &Path) -> Self {
        let mut command = command(arguments, folder);
        let command = command.arg("--json").envs(variables.iter().copied());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let output = Arc::new(Mutex::new(String::new()));
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let readers = vec![gather(child.stderr.take().unwrap(), &output)];
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        output.lock().unwrap().push_str(&line);
        let mut program = Self { child, readers, output, summary: Value::Null };
        match serde_json::from_str(&line) {
            Ok(summary) => program.summary = summary,
            Err(_) => panic!("{arguments:?} printed {line:?} and {}", program.end()),
        }
        let rest = gather(stdout, &program.output);
        program.readers.push(rest);
        program
    }

    /// The address of the application.
    pub fn app(&self) -> &str {
        self.summary["app"].as_str().unwrap()
    }

    pub fn issuer(&self) -> &str {
        self.summary["issuer"].as_str().unwrap()
    }

    /// What it has printed so far, on both streams.
    pub fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// Asks it to stop; its exit code.
    pub fn stop(mut self) -> i32 {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        code.expect("it ends by itself when it is asked to")
    }

    /// Ends it; everything that it has printed.
    pub fn end(&mut self) -> String {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        self.output()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Nothing of the surroundings but the paths.
fn command(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("COUNTERSIGN_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command.args(arguments).current_dir(folder);
    command
}

fn gather(mut stream: impl Read + Send + 'static, output: &Arc<Mutex<String>>) -> JoinHandle<()> {
    let output = Arc::clone(output);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read) = stream.read(&mut buffer) {
            if read == 0 {
                break;
            }
            output.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    })
}
