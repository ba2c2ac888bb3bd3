import CHiredis
import NIOCore

/// The parts that the replies of a burst share, as C has laid them in a row.
///
/// `@unchecked Sendable`: who reads it has got it from the reader, which changes it again only when nobody else has it.
final class RedisRow: @unchecked Sendable {
    /// Larger ones are not kept for the next burst.
    private static let kept = 4_096

    @exclusivity(unchecked) private var parts: UnsafeMutablePointer<nest_redis_part>?
    @exclusivity(unchecked) private var capacity = 0

    deinit { nest_redis_free_parts(parts) }

    @inline(__always)
    subscript(index: Int) -> RedisReply.Part {
        guard let part = parts?[index] else { return .null }
        return RedisReply.Part(
            kind: RedisReply.Kind(rawValue: part.kind) ?? .null, number: part.number,
            range: ByteRange(lower: part.start, length: part.length))
    }

    /// Lets a sink fill it from its beginning.
    func begin(_ sink: UnsafeMutablePointer<nest_redis_sink>) {
        if capacity > Self.kept {
            nest_redis_free_parts(parts)
            (parts, capacity) = (nil, 0)
        }
        sink.pointee.parts = parts
        sink.pointee.capacity = capacity
        sink.pointee.count = 0
    }

    /// Takes what a sink has filled: it may stand elsewhere now.
    func take(_ sink: UnsafeMutablePointer<nest_redis_sink>) {
        parts = sink.pointee.parts
        capacity = sink.pointee.capacity
    }

    /// Lays those from `index` on into the empty sink of another row, their texts moved forward by `distance`. False
    /// without memory.
    func carry(_ count: Int, from index: Int, into sink: UnsafeMutablePointer<nest_redis_sink>, movedBy distance: Int)
        -> Bool
    {
        guard count > 0 else { return true }
        guard let parts else { return false }
        return nest_redis_carry(sink, parts + index, count, distance) != 0
    }
}
