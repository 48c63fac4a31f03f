//! Listening, and ending well.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::error::CommandError;

/// A listener whose port is known, before anything is served.
pub(crate) async fn listen(
    address: SocketAddr,
    flag: &'static str,
) -> Result<(TcpListener, SocketAddr), CommandError> {
    let fail = |why| CommandError::listen(address, flag, why);
    let listener = TcpListener::bind(address).await.map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    Ok((listener, address))
}

/// Serves until somebody wants it to end, then lets the requests under way end, for a moment.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
) -> Result<(), CommandError> {
    let (end, ended) = oneshot::channel::<()>();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        // A sender that is gone means the same.
        let _ = ended.await;
    });
    let mut serving = Box::pin(async move { serving.await });
    let served = tokio::select! {
        served = &mut serving => served,
        () = stop => {
            let _ = end.send(());
            tokio::time::timeout(GRACE, serving).await.unwrap_or(Ok(()))
        }
    };
    served.map_err(|why| CommandError::Bug(format!("the server ended: {why}")))
}

/// Begins to listen for Ctrl-C and for the system's request to end, and gives what waits for them.
/// Before this either one ends the process at once.
pub(crate) fn asked_to_stop() -> impl Future<Output = ()> {
    let mut asked = signals();
    async move {
        match &mut asked {
            Some((interrupt, terminate)) => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            // They end the process as they always do.
            None => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
fn signals() -> Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)> {
    use tokio::signal::unix::{SignalKind, signal};
    Some((signal(SignalKind::interrupt()).ok()?, signal(SignalKind::terminate()).ok()?))
}

#[cfg(windows)]
fn signals() -> Option<(tokio::signal::windows::CtrlC, tokio::signal::windows::CtrlShutdown)> {
    use tokio::signal::windows::{ctrl_c, ctrl_shutdown};
    Some((ctrl_c().ok()?, ctrl_shutdown().ok()?))
}

const GRACE: Duration = Duration::from_secs(3);
