/// Where the fields of one envelope stand. Offsets count from the first byte scanned.
struct EnvelopeFields {
    /// The names we know; everything else is skipped.
    enum Name: UInt16 {
        case id = 1
        case ok = 2
        case kind = 4
        case more = 8
        case reply = 16
        case error = 32
        case count = 64
        case pattern = 128
        case payload = 256
        case headers = 512
        case correlationID = 1024
        case message = 2048
        case code = 4096
        case details = 8192
    }

    var seen: UInt16 = 0
    var id = 0..<0
    var ok = 0..<0
    var kind = 0..<0
    var more = 0..<0
    var reply = 0..<0
    var error = 0..<0
    var count = 0..<0
    var pattern = 0..<0
    var payload = 0..<0
    var headers = 0..<0
    var correlationID = 0..<0
    var message = 0..<0
    var code = 0..<0
    var details = 0..<0

    @inline(__always)
    func has(_ name: Name) -> Bool { seen & name.rawValue != 0 }

    /// Notes a field's place; false when the field was there already.
    @inline(__always)
    mutating func set(_ name: Name, _ range: Range<Int>) -> Bool {
        if seen & name.rawValue != 0 { return false }
        seen |= name.rawValue
        switch name {
        case .id: id = range
        case .ok: ok = range
        case .kind: kind = range
        case .more: more = range
        case .reply: reply = range
        case .error: error = range
        case .count: count = range
        case .pattern: pattern = range
        case .payload: payload = range
        case .headers: headers = range
        case .correlationID: correlationID = range
        case .message: message = range
        case .code: code = range
        case .details: details = range
        }
        return true
    }
}
