//! Databases of earlier releases.

use std::borrow::Cow;

use shopmesh_kit::db::{Migrator, sql};

use super::*;
use crate::domain::delivery::{Channel, State};

const SENT: &str = "dlv_01J00000000000000000000001";
const QUEUED: &str = "dlv_01J00000000000000000000002";

/// Rows as the first release wrote them.
async fn old_rows(folder: &TempDir, recipient: &UserId) {
    let first = MIGRATOR.iter().take(1).cloned().collect();
    let first = Box::leak(Box::new(Migrator { migrations: Cow::Owned(first), ..Migrator::DEFAULT }));
    let db = Db::open(&folder.path().join("notifications.db"), first).await.unwrap();
    let written = db.write(recipient.name(), |tx, recipient| {
        Box::pin(async move {
            for (id, event, state, sent) in [(SENT, "evt_1", 2, Some(5_i64)), (QUEUED, "evt_2", 1, None)] {
                sql("INSERT INTO deliveries (id, event_id, recipient, channel, template, subject_resource, variables, \
                     state, attempts, last_error, due, created, sent) \
                     VALUES ($1, $2, $3, 1, 'welcome', 'users/u1', '{}', $4, 0, '', 4, 4, $5)")
                .bind(format!("deliveries/{id}"))
                .bind(event)
                .bind(recipient)
                .bind(state)
                .bind(sent)
                .execute(&mut *tx)
                .await?;
            }
            Ok::<_, shopmesh_kit::Error>(())
        })
    });
    written.await.unwrap();
}

#[tokio::test]
async fn deliveries_of_the_first_release_go_on() {
    let (folder, people) = (tempfile::tempdir().unwrap(), People::default());
    let ann = people.add("ann@example.com", "Ann");
    old_rows(&folder, &ann).await;
    let post = Post::on(folder, people, None).await;
    post.queue("evt_2", &ann).await;
    assert_eq!(post.send_due().await.unwrap(), 1);
    let log = post.log().await;
    let names: Vec<_> = log.iter().map(|delivery| delivery.id.name()).collect();
    assert_eq!(names, [format!("deliveries/{QUEUED}"), format!("deliveries/{SENT}")]);
    assert!(
        log.iter().all(|of| (of.state, of.channel, &of.recipient) == (State::Sent, Channel::Email, &ann))
    );
    assert!(post.mail()[0].1.contains(&format!("Message-ID: <{QUEUED}@shopmesh.local>")));
}
