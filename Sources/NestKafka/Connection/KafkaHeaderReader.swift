import CRdKafka
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Copies the headers of records. Those of one record are often those of the one before it: then nothing is copied.
final class KafkaHeaderReader: Sendable {
    private let last = Mutex(KafkaLastHeaders())

    /// Takes them out of the record. The library makes an object of each of them for that, which costs as much as all else
    /// that is done for a small record, and more when they are ended on another thread, as records are.
    func take(outOf message: UnsafeMutablePointer<rd_kafka_message_t>) -> MessageHeaders {
        var list: OpaquePointer?
        guard rd_kafka_message_detach_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else {
            return [:]
        }
        defer { rd_kafka_headers_destroy(list) }
        let address = UInt(bitPattern: list)
        return last.withLock { last in OpaquePointer(bitPattern: address).map { last.read($0) } ?? [:] }
    }
}

/// The headers of the last record that was read.
private struct KafkaLastHeaders {
    private var last = MessageHeaders()
    /// Names and values of the last record's, one after another.
    private var bytes: [UInt8] = []
    private var lengths: [(name: Int, value: Int)] = []

    mutating func read(_ list: OpaquePointer) -> MessageHeaders {
        if !isLast(list) { keep(list) }
        return last
    }

    private mutating func keep(_ list: OpaquePointer) {
        var headers = MessageHeadersBuilder()
        bytes.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        while let (name, value) = Self.entry(lengths.count, of: list) {
            let name = UnsafeRawBufferPointer(start: name, count: strlen(name))
            headers.set(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
            bytes.append(contentsOf: name)
            bytes.append(contentsOf: value)
            lengths.append((name.count, value.count))
        }
        last = headers.headers
    }

    /// True when they are those of the record before, in the same order.
    private func isLast(_ list: OpaquePointer) -> Bool {
        guard rd_kafka_header_cnt(list) == lengths.count else { return false }
        return bytes.withUnsafeBytes { known in
            var known = known[...]
            for (index, length) in lengths.enumerated() {
                guard let (start, value) = Self.entry(index, of: list), strlen(start) == length.name,
                    value.count == length.value
                else { return false }
                let name = UnsafeRawBufferPointer(start: start, count: length.name)
                guard Self.begins(known, name), Self.begins(known.dropFirst(name.count), value) else { return false }
                known = known.dropFirst(name.count + value.count)
            }
            return true
        }
    }

    private static func begins(_ bytes: Slice<UnsafeRawBufferPointer>, _ start: UnsafeRawBufferPointer) -> Bool {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes.prefix(start.count))
        guard let left = bytes.baseAddress, let right = start.baseAddress else { return start.isEmpty }
        return memcmp(left, right, start.count) == 0
    }

    private static func entry(
        _ index: Int, of list: OpaquePointer
    ) -> (name: UnsafePointer<CChar>, value: UnsafeRawBufferPointer)? {
        var (name, value, size) = (UnsafePointer<CChar>?.none, UnsafeRawPointer?.none, 0)
        guard rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name
        else { return nil }
        return (name, UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))
    }
}
