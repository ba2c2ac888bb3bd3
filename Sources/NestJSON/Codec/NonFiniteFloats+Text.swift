extension JSONCodec.NonFiniteFloats {
    func number<Number: BinaryFloatingPoint>(_ text: String, as: Number.Type) -> Number? {
        guard case .strings(let positive, let negative, let nan) = self else { return nil }
        switch text {
        case positive: return .infinity
        case negative: return -.infinity
        case nan: return .nan
        default: return nil
        }
    }

    func text<Number: BinaryFloatingPoint>(_ number: Number) -> String? {
        guard case .strings(let positive, let negative, let nan) = self else { return nil }
        return number.isNaN ? nan : number > 0 ? positive : negative
    }
}
