//! The resources that a user sees, and why.

use attache_core::ask::Sight;
use attache_core::catalogue::Pattern;
use attache_core::id::{Node, UserNumber};
use attache_core::model::Subject;
use attache_core::state::UserNode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::list_request::{List, ListRequest};
use super::lists::{Rows, Tag};
use super::page::{Page, Paging};
use super::via::Via;
use super::weights::looked_at;
use super::{parameters, resources, users, via, words};
use attache_http::{PathIds, Problem, Session};

/// A resource that a user can see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReachedResource)]
pub(super) struct Reached<'a> {
    resource: resources::ResourceView<'a>,
    /// The memberships and grants through which the user reaches the resource, as far as
    /// the caller sees the resources that they are on: the closest 100.
    via: Vec<Via<'a>>,
    /// The number of memberships and grants beyond those in `via`. Left out if there are
    /// none.
    #[serde(skip_serializing_if = "via::none")]
    #[schema(required = false)]
    more_via: usize,
}

/// List the resources that a user can see, and why.
///
/// Complete, as far as the caller sees them too. A user sees the resources on which it
/// holds a permission of the family of their kind. Needs the permission
/// `tenants.users.list`, unless the user is the caller.
#[utoipa::path(
    get,
    operation_id = "list_user_resources",
    path = "/users/{user}/resources",
    tag = "users",
    params(parameters::IfNoneMatch,
        parameters::UserName, parameters::PageSize, parameters::Cursor,
        ("kind" = Option<String>, Query, nullable = false, example = "customer", description = "Only resources of this kind."),
        ("permission" = Option<String>, Query, nullable = false, example = "customers.users.list", description = "Only resources on which the user holds this permission."),
        parameters::Strict,
    ),
    responses((status = 200, description = "A page of resources, in the order in which they were added.", body = Page<Reached>), (status = 304, description = "The caller has it already (`If-None-Match`).")),
)]
pub(super) async fn list(
    request: ListRequest,
    PathIds(user): PathIds<String>,
) -> Result<Response, Problem> {
    let known = ["kind", "permission", "strict"];
    let List {
        app,
        session,
        mut query,
        listing,
    } = request.read::<Reached<'_>>(&known)?;
    let number = users::find(&session, &user)?;
    let path = format!("/users/{}/resources", number.0);
    let paging = Paging::<u32>::read(&app, &session, &path, &mut query)?;
    let state = session.subject().state();
    let strict = query.flag("strict")?;
    let kind = words::kind(&session, &mut query)?;
    let permission = match query.take("permission") {
        None => None,
        Some(text) => {
            let unknown = session.authority().unknown_action(session.subject(), &text);
            if let Some(unknown) = unknown.filter(|_| strict) {
                session.counts_unknown(unknown.what);
                return Err(Problem::invalid("permission", unknown.reason()));
            }
            let pattern = Pattern::new(&text);
            Some(pattern.map_err(|reason| Problem::invalid("permission", reason))?)
        }
    };
    let weight = looked_at(state.resource_count());
    let nodes = || {
        let (subject, sight) = (Subject::User(number), session.sight());
        let mut nodes = kind.of(|kind| session.subject().seen(subject, kind));
        if let Some(permission) = &permission {
            let held = kind.of(|kind| session.subject().reach(subject, permission, kind));
            // Both are in the order in which the resources were added.
            nodes.retain(|node| held.binary_search(node).is_ok());
        }
        nodes.retain(|node| sight.sees(*node));
        nodes
    };
    if listing.is_whole() {
        let show = move |session: &Session, nodes: &[Node], rows: &mut Rows<'_>| {
            let (sight, row) = (session.sight(), row(session, number)?);
            let reached = nodes
                .iter()
                .filter_map(|node| Reached::of(&sight, row, *node));
            reached.into_iter().try_for_each(|it| rows.put(&it))
        };
        let answer = listing.whole(&session, Tag::OfList, weight, || Ok(nodes()), show);
        return answer.await;
    }
    let page = |size| {
        let (sight, row) = (session.sight(), row(&session, number)?);
        let page = paging.cut(
            size,
            &nodes(),
            |node| node.0,
            |node| Reached::of(&sight, row, node),
        );
        Ok(Page {
            items: page.items.into_iter().flatten().collect(),
            total: page.total,
            next: page.next,
        })
    };
    let answer = listing.page(&session, Tag::OfList, weight, paging.size, page);
    answer.await
}

fn row(session: &Session, number: UserNumber) -> Result<&UserNode, Problem> {
    let row = session.subject().state().user_node(number);
    row.ok_or_else(|| Problem::internal("the user is gone"))
}

impl<'a> Reached<'a> {
    fn of(sight: &Sight<'a>, row: &'a UserNode, node: Node) -> Option<Self> {
        let view = sight.subject();
        let branch = view.branch(node)?.shown_to(sight);
        let via = Via::of_all(view.state(), node, row, branch.via(row).iter());
        Some(Self {
            resource: resources::ResourceView::of(sight, node)?,
            via: via.first,
            more_via: via.more,
        })
    }
}
