//! What happens to a call: deadlines, panics, retries, shields, streams.

use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use prost::Message;
use rustls::pki_types::ServerName;
use shopmesh_mesh::{
    ServiceName, context,
    net::{
        BoxBody,
        connection::Transport,
        pool::{Endpoint, Pool},
    },
    telemetry::Metrics,
    workload::SpiffeId,
};
use shopmesh_proto::inventory::v1::{
    AdjustStockRequest, MovementReason, WatchStockRequest, inventory_service_server::InventoryServiceServer,
};
use tonic::{Code, service::Routes};

use crate::support::{
    ENDLESS, FLAKY, PANICS, STUCK, TINY, Warehouse, World, ask, eventually, variant, within,
};

fn watch(number: u32) -> WatchStockRequest {
    WatchStockRequest { variants: vec![variant(number)] }
}

fn adjust(number: u32) -> AdjustStockRequest {
    AdjustStockRequest {
        variant: variant(number),
        location: "locations/east".into(),
        seller: "sellers/house".into(),
        delta: 1,
        reason: MovementReason::Received.into(),
        request_id: "00000000-0000-4000-8000-000000000001".into(),
    }
}

#[tokio::test]
async fn a_call_ends_at_its_deadline() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut client = world.edge(server.address);
    let started = Instant::now();
    let late = client.get_availability(within(Duration::from_millis(150), ask(STUCK))).await.unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded);
    assert!(started.elapsed() < Duration::from_secs(2));
    // Streams too, even one that always has more.
    let request = within(Duration::from_millis(300), watch(ENDLESS));
    let mut stream = client.watch_stock(request).await.unwrap().into_inner();
    let end = loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert_eq!(end.unwrap_err().code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_call_gets_what_is_left_of_its_callers_time() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut client = world.edge(server.address);
    let call = context::scope(context::background(Duration::from_millis(200)), async {
        client.get_availability(ask(STUCK)).await.unwrap_err()
    });
    let started = Instant::now();
    assert_eq!(call.await.code(), Code::DeadlineExceeded);
    assert!(started.elapsed() < Duration::from_secs(2));
    let timeout = warehouse.seen()[0].get("grpc-timeout").unwrap().to_str().unwrap().to_owned();
    let micros: u64 = timeout.strip_suffix('u').unwrap().parse().unwrap();
    assert!(micros <= 190_000, "a reserve is kept for the answer: {timeout}");

    let spent =
        context::scope(context::background(Duration::from_millis(3)), client.get_availability(ask(1)));
    assert_eq!(spent.await.unwrap_err().code(), Code::DeadlineExceeded);
    assert_eq!(warehouse.runs(1), 0, "too late to be worth sending");
}

#[tokio::test]
async fn a_change_runs_to_its_end_when_its_caller_has_gone() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut client = world.operator(server.address);
    let late = client.adjust_stock(within(Duration::from_millis(150), adjust(STUCK))).await.unwrap_err();
    assert_eq!((late.code(), warehouse.adjusted()), (Code::DeadlineExceeded, 0));
    warehouse.release();
    eventually("the adjustment ends", || warehouse.adjusted() == 1).await;
}

#[tokio::test]
async fn a_panic_ends_its_call_and_nothing_else() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut client = world.operator(server.address);
    let mut other = client.clone();
    let waiting = tokio::spawn(async move { other.get_availability(ask(STUCK)).await });
    eventually("the other call runs", || warehouse.runs(STUCK) == 1).await;

    let failed = client.get_availability(ask(PANICS)).await.unwrap_err();
    assert_eq!((failed.code(), failed.message()), (Code::Internal, "internal error"));
    // In the shielded task of a change, and in the middle of a stream.
    assert_eq!(client.adjust_stock(adjust(PANICS)).await.unwrap_err().code(), Code::Internal);
    let mut stream = client.watch_stock(watch(PANICS)).await.unwrap().into_inner();
    let end = loop {
        match stream.message().await {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert_eq!(end.unwrap_err().code(), Code::Internal);

    warehouse.release();
    assert_eq!(waiting.await.unwrap().unwrap().into_inner().available, 7);
    assert_eq!(warehouse.runs(STUCK), 1, "its connection survived");
}

#[tokio::test]
async fn what_may_be_repeated_is_repeated() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let answer = world.edge(server.address).get_availability(ask(FLAKY)).await.unwrap();
    assert_eq!(answer.into_inner().available, 7);
    let attempts: Vec<_> = warehouse
        .seen()
        .iter()
        .map(|seen| seen.get("grpc-previous-rpc-attempts").map(|value| value.to_str().unwrap().to_owned()))
        .collect();
    assert_eq!(attempts, [None, Some("1".to_owned()), Some("2".to_owned())]);
}

#[tokio::test]
async fn ten_thousand_tiny_messages_arrive() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let mut stream = world.edge(server.address).watch_stock(watch(TINY)).await.unwrap().into_inner();
    let mut expected = 0;
    while let Some(message) = stream.message().await.unwrap() {
        assert_eq!(message.version, expected);
        expected += 1;
    }
    assert_eq!(expected, 10_000);
}

#[tokio::test]
async fn calls_are_traced_and_counted() {
    let (world, warehouse, metrics) = (World::new(), Warehouse::new(), Metrics::default());
    let routes = Routes::new(InventoryServiceServer::new(warehouse.clone()));
    let server = world.serve_routes(ServiceName::Inventory, routes, None, metrics.clone()).await;
    let mut client = world.edge(server.address);
    let context = context::background(Duration::from_secs(5));
    let trace = context.traceparent[3..35].to_owned();
    context::scope(context, client.get_availability(ask(1))).await.unwrap();
    let sent = warehouse.seen()[0].get("traceparent").unwrap().to_str().unwrap().to_owned();
    assert_eq!(sent[3..35], trace, "the trace goes on");

    client.get_availability(ask(PANICS)).await.unwrap_err();
    let orders = world.channel(&SpiffeId::service(ServiceName::Orders), server.address);
    let mut orders =
        shopmesh_proto::inventory::v1::inventory_service_client::InventoryServiceClient::new(orders);
    orders.get_availability(ask(1)).await.unwrap_err();
    let counted = |status: &str| {
        let wanted = format!(
            "grpc_server_call_duration_seconds_count{{grpc_method=\"/shopmesh.inventory.v1.InventoryService/\
             GetAvailability\",grpc_status=\"{status}\"}} 1"
        );
        metrics.encode().contains(&wanted)
    };
    for status in ["OK", "INTERNAL", "PERMISSION_DENIED"] {
        eventually(status, || counted(status)).await;
    }
    assert!(metrics.encode().contains("mesh_denied_calls_total 1"));
}

#[tokio::test]
async fn a_call_without_time_is_over_before_it_begins() {
    let (world, warehouse) = (World::new(), Warehouse::new());
    let server = world.serve(&warehouse, None).await;
    let (edge, inventory) = (SpiffeId::edge("main"), SpiffeId::service(ServiceName::Inventory));
    let tls = world.identity(&edge).client_config(&inventory).unwrap();
    let tls = Some((tls, ServerName::try_from("localhost").unwrap()));
    let pool = Pool::new(Endpoint { address: server.address, tls, transport: Transport::default() });
    let message = ask(1).encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    let frame = [&[0], length.as_slice(), &message].concat();
    for (timeout, code) in [("0S", "4"), ("0m", "4"), ("0n", "4"), ("1n", "4"), ("5S", "0"), ("5s", "0")] {
        let body = BoxBody::new(Full::from(frame.clone()).map_err(|never| match never {}));
        let path = "https://localhost/shopmesh.inventory.v1.InventoryService/GetAvailability";
        let request = http::Request::post(path)
            .header("content-type", "application/grpc")
            .header("grpc-timeout", timeout)
            .body(body)
            .unwrap();
        let (head, body) = pool.request(request).await.unwrap().into_parts();
        let trailers = body.collect().await.unwrap().trailers().cloned().unwrap_or(head.headers);
        assert_eq!(trailers["grpc-status"], code, "{timeout}");
    }
    assert_eq!(warehouse.runs(1), 2);
}
