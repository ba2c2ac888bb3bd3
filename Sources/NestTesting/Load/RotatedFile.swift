import Foundation

/// A file with a secret, exchanged as Kubernetes does it: another file in its place, at once.
public struct RotatedFile: Sendable {
    /// Where it is.
    public let path: String

    /// Writes it for the first time.
    public init(_ path: String, _ text: String) throws {
        self.path = path
        try rotate(to: text)
    }

    /// Puts another file in its place.
    public func rotate(to text: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
