#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A password, token or key that is read when it is needed and never printed: descriptions, logs, dumps and errors show
/// `***`.
public struct Secret: Sendable {
    private enum Source {
        case value(String)
        case environment(String)
        case file(String)
        case closure(@Sendable () async throws -> String)
    }

    private let source: Source

    /// A secret that is there already.
    public static func value(_ value: String) -> Secret { Secret(source: .value(value)) }

    /// The value of an environment variable.
    public static func environment(_ name: String) -> Secret { Secret(source: .environment(name)) }

    /// What stands in a file, without line breaks at its end. Read again at each use, so a rotated secret is found.
    public static func file(_ path: String) -> Secret { Secret(source: .file(path)) }

    /// What a closure returns, called at each use.
    public static func closure(_ read: @escaping @Sendable () async throws -> String) -> Secret {
        Secret(source: .closure(read))
    }

    /// The secret as it is now.
    ///
    /// - Throws: ``ApplicationError/Code/secretUnavailable`` when the variable is not set, the file cannot be read as
    ///   UTF-8, or the closure threw; the message names where it was looked for, never what was found.
    public func value() async throws -> String {
        switch source {
        case .value(let value): value
        case .environment(let name): try Self.variable(name)
        case .file(let path): try await Self.contents(of: path)
        case .closure(let read): try await Self.result(of: read)
        }
    }

    /// The file behind it, for those who watch it; nil when it comes from elsewhere.
    package var path: String? {
        guard case .file(let path) = source else { return nil }
        return path
    }

    private static func variable(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else {
            throw ApplicationError(.secretUnavailable, "the environment variable \(name) is not set")
        }
        return value
    }

    /// Off the caller's executor: a file system can be slow.
    @concurrent
    private static func contents(of path: String) async throws -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw ApplicationError(.secretUnavailable, "the secret's file \(path) cannot be read", cause: error)
        }
        guard var text = String(validating: data, as: UTF8.self) else {
            throw ApplicationError(.secretUnavailable, "the secret's file \(path) is not UTF-8")
        }
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }

    private static func result(of read: @Sendable () async throws -> String) async throws -> String {
        do {
            return try await read()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ApplicationError(.secretUnavailable, "the secret's closure failed", cause: error)
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `***`.
    public var description: String { "***" }
    /// `***`.
    public var debugDescription: String { "***" }
    /// Nothing inside.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
