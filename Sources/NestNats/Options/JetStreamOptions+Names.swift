extension JetStreamOptions {
    /// A group's name as JetStream takes it.
    static func consumerName(_ group: String) -> String {
        String(
            decoding: group.utf8.map { isName(String(UnicodeScalar($0))) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }
}
