//! Connections that end all the time, and calls that do not notice.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use hyper::server::conn::http2;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use rustls::ServerConfig;
use shopmesh_mesh::{ServiceName, workload::SpiffeId};
use shopmesh_proto::inventory::v1::inventory_service_server::InventoryServiceServer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tonic::service::Routes;

use crate::support::{Warehouse, World, ask};

const CONNECTION_LIFE: Duration = Duration::from_millis(200);

/// One connection, which is told to end after its short life.
async fn serve_briefly(stream: TcpStream, tls: Arc<ServerConfig>, routes: Routes, ended: Arc<AtomicUsize>) {
    let Ok(stream) = TlsAcceptor::from(tls).accept(stream).await else { return };
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    let mut connection = pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(CONNECTION_LIFE) => connection.as_mut().graceful_shutdown(),
    }
    ended.fetch_add(1, Ordering::Relaxed);
    // A client that went away first is no matter here.
    let _ = connection.await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_end_every_200_ms_lose_no_call_and_run_none_twice() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let tls = world.identity(&SpiffeId::service(ServiceName::Inventory)).server_config().unwrap();
    let routes = Routes::new(InventoryServiceServer::new(warehouse.clone())).prepare();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let ended = Arc::new(AtomicUsize::new(0));
    let goaways = ended.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve_briefly(stream, tls.clone(), routes.clone(), goaways.clone()));
        }
    });

    let client = world.edge(address);
    let until = Instant::now() + Duration::from_secs(3);
    let callers: Vec<_> = (0..16_u32)
        .map(|caller| {
            let mut client = client.clone();
            tokio::spawn(async move {
                let mut made = 0;
                while Instant::now() < until {
                    client.get_availability(ask(caller * 100_000 + made)).await.unwrap();
                    made += 1;
                }
                made
            })
        })
        .collect();
    let mut calls = 0;
    for (caller, task) in (0_u32..).zip(callers) {
        let made = task.await.expect("no call is lost");
        assert!((0..made).all(|call| warehouse.runs(caller * 100_000 + call) == 1), "a call ran twice");
        calls += made;
    }
    assert!(ended.load(Ordering::Relaxed) >= 10, "connections did end");
    assert!(calls > 500, "{calls} calls");
}
