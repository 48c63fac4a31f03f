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

/// Until Ctrl-C, or until the system asks to end.
pub(crate) async fn asked_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate() => {}
    }
}

#[cfg(unix)]
async fn terminate() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending().await
}

const GRACE: Duration = Duration::from_secs(3);
