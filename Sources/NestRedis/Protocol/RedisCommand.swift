import NIOCore

/// Commands as Redis reads them: arrays of texts. Trivial to write, so that nothing goes through C's memory.
extension ByteBuffer {
    /// What stands around an argument at the most: `$`, the digits of its size, and two line ends.
    private static let frame = 25

    /// Begins a command of so many arguments, its name among them.
    @inline(__always)
    mutating func beginCommand(_ count: Int) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: Self.frame) { target in
            Self.write(line: UInt8(ascii: "*"), UInt64(count), to: target)
        }
    }

    @inline(__always)
    mutating func writeArgument(_ text: StaticString) {
        writeArgument(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func writeArgument(_ text: String) {
        var text = text
        text.withUTF8 { writeArgument(UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    mutating func writeArgument(_ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { writeArgument($0) }
    }

    /// The hot one, written with one reservation.
    @inline(__always)
    mutating func writeArgument(_ bytes: UnsafeRawBufferPointer) {
        writeArgument(bytes.count) { target in
            if !bytes.isEmpty { target.copyMemory(from: bytes) }
        }
    }

    /// An argument of so many bytes, which `body` fills in.
    @inline(__always)
    mutating func writeArgument(_ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: count + Self.frame) { target in
            let start = Self.write(line: UInt8(ascii: "$"), UInt64(count), to: target)
            body(UnsafeMutableRawBufferPointer(rebasing: target[start..<start + count]))
            return Self.endLine(start + count, target)
        }
    }

    @inline(__always)
    mutating func writeArgument(_ number: Int64) {
        let (size, isNegative) = (Self.digits(of: number.magnitude), number < 0)
        writeArgument(size + (isNegative ? 1 : 0)) { target in
            if isNegative { target[0] = UInt8(ascii: "-") }
            Self.write(number.magnitude, size, to: target, at: isNegative ? 1 : 0)
        }
    }

    /// Writes a command of texts.
    mutating func writeCommand(_ arguments: [String]) {
        beginCommand(arguments.count)
        for argument in arguments { writeArgument(argument) }
    }
}

// MARK: - Numbers

extension ByteBuffer {
    /// How many digits a number has.
    @inline(__always)
    static func digits(of number: UInt64) -> Int {
        var (rest, count) = (number, 1)
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }

    /// Writes a number of so many digits.
    @inline(__always)
    static func write(_ number: UInt64, _ digits: Int, to target: UnsafeMutableRawBufferPointer, at start: Int) {
        var (rest, place) = (number, start + digits)
        while place > start {
            place -= 1
            target[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }

    /// A sign, a number and the end of the line; returns where that is.
    @inline(__always)
    private static func write(line sign: UInt8, _ number: UInt64, to target: UnsafeMutableRawBufferPointer) -> Int {
        let digits = digits(of: number)
        target[0] = sign
        write(number, digits, to: target, at: 1)
        return endLine(1 + digits, target)
    }

    @inline(__always)
    private static func endLine(_ end: Int, _ target: UnsafeMutableRawBufferPointer) -> Int {
        target[end] = 0x0D
        target[end + 1] = 0x0A
        return end + 2
    }
}
