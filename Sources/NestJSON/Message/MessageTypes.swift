import Synchronization

/// Tells which types read and write themselves.
enum MessageTypes {
    /// The type as a message; nil when it is none.
    ///
    /// The run time looks such a thing up in a table of all conformances there are, which takes as long as reading two
    /// fields: what it says is kept.
    @inline(__always)
    static func message<Value>(_ type: Value.Type) -> (any JSONMessage.Type)? {
        let place = place(of: ObjectIdentifier(type))
        guard let answer = place.pointee.load(ordering: .acquiring) else { return ask(type, place) }
        return answer.pointee.type == ObjectIdentifier(type) ? answer.pointee.message : type as? any JSONMessage.Type
    }
}

extension MessageTypes {
    private struct Answer {
        let type: ObjectIdentifier
        let message: (any JSONMessage.Type)?
    }

    private typealias Place = Atomic<UnsafePointer<Answer>?>

    private static let count = 512

    /// Types that share a place with an earlier one are looked up each time. Nothing is ever taken out: what an answer
    /// points to lives as long as the process.
    private nonisolated(unsafe) static let places: UnsafeMutablePointer<Place> = {
        let places = UnsafeMutablePointer<Place>.allocate(capacity: count)
        for index in 0..<count { (places + index).initialize(to: Place(nil)) }
        return places
    }()

    @inline(__always)
    private static func place(of type: ObjectIdentifier) -> UnsafeMutablePointer<Place> {
        let bits = UInt(bitPattern: type) >> 4
        return places + Int((bits ^ (bits >> 9)) % UInt(count))
    }

    @inline(never)
    private static func ask<Value>(
        _ type: Value.Type, _ place: UnsafeMutablePointer<Place>
    ) -> (any JSONMessage.Type)? {
        let message = type as? any JSONMessage.Type
        let answer = UnsafeMutablePointer<Answer>.allocate(capacity: 1)
        answer.initialize(to: Answer(type: ObjectIdentifier(type), message: message))
        let stored = place.pointee.compareExchange(expected: nil, desired: answer, ordering: .acquiringAndReleasing)
        if !stored.exchanged { answer.deallocate() }
        return message
    }
}
