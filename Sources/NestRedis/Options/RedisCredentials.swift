/// Who we are to Redis. The password is read anew for each connection, and a file it stands in is watched: when it was
/// exchanged, connections with what stands in it now take over from the old ones.
public struct RedisCredentials: Sendable {
    /// The ACL user; nil: the default user, whose password `requirepass` sets.
    public var user: String?
    /// The password.
    public var password: Secret

    /// An ACL user, or with nil the default user, and a password.
    public init(user: String? = nil, password: Secret) {
        self.user = user
        self.password = password
    }
}

extension RedisCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The name, never the secret.
    public var description: String { user.map { "user \($0)" } ?? "the default user" }
    /// As ``description``.
    public var debugDescription: String { description }
    /// Nothing inside.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
