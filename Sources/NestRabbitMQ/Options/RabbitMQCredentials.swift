/// Who we are to the broker. Secrets are read anew for each connection.
public struct RabbitMQCredentials: Sendable {
    enum Kind: Sendable {
        case user(String, password: Secret)
        case certificate
    }

    let kind: Kind

    /// A user and a password (SASL PLAIN).
    public static func user(_ name: String, password: Secret) -> RabbitMQCredentials {
        RabbitMQCredentials(kind: .user(name, password: password))
    }

    /// The client's TLS certificate says who we are (SASL EXTERNAL).
    public static let certificate = RabbitMQCredentials(kind: .certificate)

    /// The file that is read; nil when there is none.
    var path: String? {
        switch kind {
        case .user(_, let password): password.path
        case .certificate: nil
        }
    }
}

extension RabbitMQCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind and the name, never a secret.
    public var description: String {
        switch kind {
        case .user(let name, _): "user \(name)"
        case .certificate: "certificate"
        }
    }

    /// As ``description``.
    public var debugDescription: String { description }
    /// Nothing inside.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
