import SwiftSyntax

/// The code of a message: a static function that reads the properties, an init that sets them, and `write(to:)`.
struct MessageCode {
    private let type: AnnotatedType
    private let fields: MessageFields
    private let written: WrittenCoding

    init(of type: AnnotatedType, reporting problems: inout Problems) {
        self.type = type
        written = WrittenCoding(in: type, reporting: &problems)
        fields = MessageFields(of: type, reporting: &problems)
    }

    /// `static func readFields(from:)`, nil when there is nothing to read or the user wrote the init himself.
    var readMember: String? {
        guard written.reading == nil, !fields.read.isEmpty else { return nil }
        let types = fields.read.compactMap(\.type).map(\.text)
        let result = types.count == 1 ? types[0] : "(\(types.joined(separator: ", ")))"
        let locals = fields.read.compactMap { $0.local(indentedBy: "    ") }.joined(separator: "\n")
        return """
            nonisolated private static func readFields(
                from \(reader): inout NestJSON.JSONReader
            ) throws -> \(result) {
            \(locals)
                try \(reader).beginObject()
                while let \(key) = try \(reader).nextKey() {
            \(branches)
                }
                return \(results)
            }
            """
    }

    private var branches: String {
        let branches = fields.read.map { field in
            """
            if \(key) == \(field.key) {
                \(field.name) = try \(field.read(from: reader) ?? "")
            }
            """
        }
        let skip = "{\n    try \(reader).skipValue()\n}"
        return (branches + [skip]).joined(separator: " else ").indented(by: 8)
    }

    private var results: String {
        let results = fields.read.compactMap { $0.result(from: reader) }
        let tryWord = fields.read.contains { $0.type?.isOptional == false } ? "try " : ""
        guard results.count > 1 else { return "\(tryWord)\(results.first ?? "")" }
        return "\(tryWord)(\n" + results.joined(separator: ",\n").indented(by: 8) + "\n    )"
    }

    /// The extension with what the user did not write, nil when he wrote it all.
    ///
    /// It is nonisolated so that the compiler's `Codable` is too, in modules whose default isolation is `MainActor`.
    func extending(_ name: String, conforms: Bool) -> String? {
        let members = [initMember, writeMember].compactMap { $0 }
        guard conforms || !members.isEmpty else { return nil }
        let head = "nonisolated extension \(name)\(conforms ? ": NestJSON.JSONMessage" : "")"
        guard !members.isEmpty else { return "\(head) {}" }
        return "\(head) {\n\(members.joined(separator: "\n\n").indented(by: 4))\n}"
    }

    private var initMember: String? {
        guard written.reading == nil else { return nil }
        let signature = "\(type.access)init(from reader: inout NestJSON.JSONReader) throws"
        let names = fields.read.map { "self.\($0.name)" }
        guard !names.isEmpty else {
            return """
                \(signature) {
                    try reader.beginObject()
                    while try reader.nextKey() != nil {
                        try reader.skipValue()
                    }
                }
                """
        }
        let targets = names.count == 1 ? names[0] : "(\(names.joined(separator: ", ")))"
        return "\(signature) {\n    \(targets) = try Self.readFields(from: &reader)\n}"
    }

    private var writeMember: String? {
        guard written.writing == nil else { return nil }
        let members = fields.all.map { "    try writer.member(\($0.key), self.\($0.name))\n" }.joined()
        return """
            \(type.access)func write(to writer: inout NestJSON.JSONWriter) throws {
                writer.beginObject()
            \(members)    writer.endObject()
            }
            """
    }

    private var reader: String { free("reader") }
    private var key: String { free("key") }

    /// A name that no property has.
    private func free(_ name: String) -> String {
        fields.read.contains { $0.name == name } ? free(name + "_") : name
    }
}
