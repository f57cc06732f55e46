//! What the rival asks its database.

/// May the holder of this token list users?
pub(super) const TOKEN: &str = "\
    SELECT may_list_users FROM tokens \
    WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";

/// Is there such a customer? Only asked where it has no members.
pub(super) const CUSTOMER: &str = "SELECT 1 FROM customers WHERE uuid = $1";

/// How many members there are. Only asked where one page does not hold them.
pub(super) const COUNT: &str = "\
    SELECT count(*) FROM memberships \
    WHERE customer_id = (SELECT id FROM customers WHERE uuid = $1)";

/// The first role of each member is found where the roles of it begin.
pub(super) const LIST_IN_SQLITE: &str = "\
    SELECT u.uuid, u.first_name, u.last_name, u.email, u.mobile, u.is_email_verified, \
        u.is_first_login, u.created_at, u.created_by, u.updated_at, u.updated_by, \
        u.ext_auth_ref_id, u.status, r.uuid, r.code, r.label, r.description \
    FROM memberships m \
    JOIN users u ON u.id = m.user_id \
    LEFT JOIN roles r ON r.id = ( \
        SELECT min(mr.role_id) FROM member_roles mr \
        WHERE mr.customer_id = m.customer_id AND mr.user_id = m.user_id) \
    WHERE m.customer_id = (SELECT id FROM customers WHERE uuid = $1) \
    ORDER BY u.created_at, u.id \
    LIMIT $2";

/// The roles of all members are read at once.
pub(super) const LIST_IN_POSTGRES: &str = "\
    SELECT u.uuid, u.first_name, u.last_name, u.email, u.mobile, u.is_email_verified, \
        u.is_first_login, u.created_at, u.created_by, u.updated_at, u.updated_by, \
        u.ext_auth_ref_id, u.status, r.uuid, r.code, r.label, r.description \
    FROM memberships m \
    JOIN users u ON u.id = m.user_id \
    LEFT JOIN ( \
        SELECT user_id, min(role_id) AS role_id FROM member_roles \
        WHERE customer_id = (SELECT id FROM customers WHERE uuid = $1) \
        GROUP BY user_id) f ON f.user_id = m.user_id \
    LEFT JOIN roles r ON r.id = f.role_id \
    WHERE m.customer_id = (SELECT id FROM customers WHERE uuid = $1) \
    ORDER BY u.created_at, u.id \
    LIMIT $2";
