import Foundation

/// A folder of small files, each written once under a name of its own and whole or not at all. They outlive the process,
/// however it ends; for a power cut they would have to be synchronized.
struct Spool: Sendable {
    let folder: URL

    /// The folder, made if there is none.
    init(_ folder: URL) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Writes a file, unless there is one of that name.
    func add(_ name: String, _ data: Data) throws {
        guard !has(name) else { return }
        try data.write(to: folder.appendingPathComponent(name), options: .atomic)
    }

    /// The names there are, without drafts, in alphabetical order.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted()
    }

    func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }

    func read(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }

    func remove(_ name: String) throws { try FileManager.default.removeItem(at: folder.appendingPathComponent(name)) }
}
