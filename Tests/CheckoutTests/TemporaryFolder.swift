import Foundation

/// Runs `body` with a folder of its own, which is gone afterwards.
func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("checkout-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
