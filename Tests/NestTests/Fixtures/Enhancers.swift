import Nest

struct Refuse: Guard {
    func canActivate(_ context: ExecutionContext) async throws -> Bool { false }
}

@Injectable
struct Suffix: Interceptor {
    @Inject("REGION") let region: String

    func intercept(_ context: ExecutionContext, next: CallHandler) async throws -> HandlerResult {
        guard case .payload(let payload) = try await next() else { return .none }
        return try .encoding("\(context.handler) in \(region): \(payload.decode(String.self))")
    }
}

struct Upper: Pipe {
    func transform<Value>(value: Value, _ context: ExecutionContext) async throws -> Value {
        (value as? String)?.uppercased() as? Value ?? value
    }
}

struct Excuse: ExceptionFilter {
    func `catch`(_ error: any Error, _ context: ExecutionContext) async throws -> HandlerResult {
        try .encoding("excused")
    }
}

@Controller
@UseInterceptors(Suffix.self)
struct Guarded {
    @UsePipes(Upper(), ValidationPipe()) @MessagePattern("guarded.pipe") func pipe(_ text: String) -> String { text }
    @UseGuards(Refuse()) @MessagePattern("guarded.refused") func refused() -> String { "never" }
    @UseFilters(FilterReference(Excuse())) @MessagePattern("guarded.fails") func fails() throws -> String {
        throw Failure()
    }
}
