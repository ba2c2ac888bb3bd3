/// A number as JSON writes it, with all of its digits. Equal to every number of the same value, however written.
public struct JSONNumber: Sendable {
    /// The number as it is written in JSON.
    public let text: String

    /// Well-formed text only.
    init(trusted text: String) { self.text = text }

    /// A number from its JSON text; nil when it is none.
    public init?(_ text: String) {
        var copy = text
        let isNumber = copy.withUTF8 { bytes in
            guard let base = bytes.baseAddress, let first = bytes.first else { return false }
            guard first == UInt8(ascii: "-") || 48...57 ~= first else { return false }
            return (try? JSONScanner.scalar(base, bytes.count, 0)) == bytes.count
        }
        guard isNumber else { return nil }
        self.text = text
    }

    /// A whole number.
    public init(_ number: some FixedWidthInteger) { text = number.description }

    /// The shortest text that gives this number back; nil for infinities and NaN.
    public init?(_ number: Double) {
        guard number.isFinite else { return nil }
        var writer = JSONWriter()
        guard (try? writer.floating(number)) != nil else { return nil }
        text = writer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The number if it is whole and fits; nil otherwise.
    public func integer<Number: FixedWidthInteger>(_ type: Number.Type = Int.self) -> Number? {
        withBytes { NumberText.integer($0, 0..<$1, as: type) }
    }

    /// The nearest `Double`; nil when that would be infinite.
    public var double: Double? { withBytes { NumberText.double($0, 0..<$1) } }

    private func withBytes<Result>(_ body: (UnsafePointer<UInt8>, Int) -> Result?) -> Result? {
        var text = text
        return text.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return nil }
            return body(base, bytes.count)
        }
    }

    private var digits: Digits? { withBytes { Digits($0, 0..<$1) } }
}

extension JSONNumber: Hashable, CustomStringConvertible {
    /// Whether both have the same value.
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.text == right.text || left.digits == right.digits
    }

    /// Equal values hash alike.
    public func hash(into hasher: inout Hasher) { hasher.combine(digits) }

    /// The number as it is written in JSON.
    public var description: String { text }
}
