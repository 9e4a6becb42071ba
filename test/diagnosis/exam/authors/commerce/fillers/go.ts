import type { Change } from "../change.ts";

type Filler = Omit<Change, "service">;

export const goFillers: readonly Filler[] = [
  {
    type: "feat",
    titles: ["Add %noun% to the admin listing", "Show the %noun% in the back office"],
    diffs: [
      [
        "src:admin/list.go",
        `
@@ type row struct {
 	ID        string    \`json:"id"\`
 	CreatedAt time.Time \`json:"createdAt"\`
+	%Noun%    string    \`json:"%noun%,omitempty"\`
 }
@@ func (h *AdminHandler) list(w http.ResponseWriter, r *http.Request) {
 	for _, it := range items {
-		rows = append(rows, row{ID: it.ID, CreatedAt: it.CreatedAt})
+		rows = append(rows, row{ID: it.ID, CreatedAt: it.CreatedAt, %Noun%: it.%Noun%})
 	}
 	writeJSON(w, http.StatusOK, rows)
`,
      ],
    ],
  },
  {
    type: "refactor",
    titles: ["Name the %noun% errors", "Use sentinel errors for %noun%"],
    diffs: [
      [
        "src:%noun%/errors.go",
        `
+package %noun%
+
+import "errors"
+
+var (
+	ErrNotFound = errors.New("%noun% not found")
+	ErrConflict = errors.New("%noun% changed meanwhile")
+)
`,
      ],
      [
        "src:%noun%/repository.go",
        `
@@ func (r *Repository) Get(ctx context.Context, id string) (*%Noun%, error) {
 	err := r.db.QueryRow(ctx, get%Noun%, id).Scan(&out.ID, &out.State)
 	if errors.Is(err, pgx.ErrNoRows) {
-		return nil, fmt.Errorf("no %noun% %s", id)
+		return nil, fmt.Errorf("%s: %w", id, ErrNotFound)
 	}
 	return &out, err
 }
`,
      ],
    ],
  },
  {
    type: "chore",
    titles: ["Log the %noun% id with every request", "Structured log fields for %noun%"],
    diffs: [
      [
        "src:api/log.go",
        `
@@ func requestLogger(next http.Handler) http.Handler {
 		start := time.Now()
 		next.ServeHTTP(ww, r)
 		slog.Info("request",
 			"status", ww.status,
+			"%noun%", r.PathValue("%noun%"),
 			"took", time.Since(start))
 	})
`,
      ],
    ],
  },
  {
    type: "fix",
    titles: ["Trim spaces around the %noun% code", "Accept lower-case %noun% codes"],
    diffs: [
      [
        "src:%noun%/code.go",
        `
 // ParseCode reads a code as a customer types it.
 func ParseCode(raw string) (Code, error) {
-	if len(raw) != codeLength {
+	raw = strings.ToUpper(strings.TrimSpace(raw))
+	if len(raw) != codeLength {
 		return "", ErrBadCode
 	}
 	return Code(raw), nil
 }
`,
      ],
      [
        "src:%noun%/code_test.go",
        `
 	{"AB12CD34", "AB12CD34"},
+	{" ab12cd34 ", "AB12CD34"},
+	{"ab12cd34", "AB12CD34"},
 	{"", ""},
`,
      ],
    ],
  },
  {
    type: "feat",
    titles: ["Count %nouns% by channel", "Add a counter of %nouns%"],
    diffs: [
      [
        "src:metrics/metrics.go",
        `
 var (
 	requestsTotal = promauto.NewCounterVec(prometheus.CounterOpts{
 		Name: "%pkg%_requests_total",
 	}, []string{"route", "code"})
+	%noun%Total = promauto.NewCounterVec(prometheus.CounterOpts{
+		Name: "%pkg%_%nouns%_total",
+		Help: "Number of %nouns% by sales channel.",
+	}, []string{"channel"})
 )
@@ func Observe(route string, code int) {
 	requestsTotal.WithLabelValues(route, strconv.Itoa(code)).Inc()
 }
+
+func Observe%Noun%(channel string) { %noun%Total.WithLabelValues(channel).Inc() }
`,
      ],
    ],
  },
  {
    type: "refactor",
    titles: ["Split the %noun% handler", "Move %noun% routes to their own file"],
    diffs: [
      [
        "src:api/routes.go",
        `
@@ func (s *Server) routes() http.Handler {
 	mux := http.NewServeMux()
 	mux.HandleFunc("GET /healthz", s.health)
-	mux.HandleFunc("GET /v1/%nouns%", s.list%Noun%s)
-	mux.HandleFunc("GET /v1/%nouns%/{id}", s.get%Noun%)
+	s.%noun%Routes(mux)
 	return s.middleware(mux)
 }
`,
      ],
      [
        "src:api/%noun%_routes.go",
        `
+package api
+
+import "net/http"
+
+func (s *Server) %noun%Routes(mux *http.ServeMux) {
+	mux.HandleFunc("GET /v1/%nouns%", s.list%Noun%s)
+	mux.HandleFunc("GET /v1/%nouns%/{id}", s.get%Noun%)
+}
`,
      ],
    ],
  },
  {
    type: "chore",
    titles: ["Bump testify from 1.9.0 to 1.10.0", "Update the test assertion library"],
    bot: true,
    diffs: [
      [
        "top:go.mod",
        `
 require (
 	github.com/jackc/pgx/v5 v5.6.0
-	github.com/stretchr/testify v1.9.0
+	github.com/stretchr/testify v1.10.0
 	google.golang.org/grpc v1.64.0
 )
`,
      ],
      [
        "top:go.sum",
        `
 github.com/spf13/pflag v1.0.5 h1:iy+VFUOCP1a+8yFto/drg2CJ5u0yRoB7fZw3DKv/JXA=
-github.com/stretchr/testify v1.9.0 h1:HtqpIVDClZ4nwg75+f6Lvsy/wHu+3BoSGCbBAcpTsTg=
+github.com/stretchr/testify v1.10.0 h1:Xv5erBjTwe/5IxqUQTdXv5kgmIvbHo3QQyRwhJsOfJA=
`,
      ],
    ],
  },
  {
    type: "perf",
    titles: ["Preallocate the %noun% slice", "Fewer allocations when listing %nouns%"],
    diffs: [
      [
        "src:%noun%/list.go",
        `
@@ func toDTOs(items []%Noun%) []DTO {
-	var out []DTO
+	out := make([]DTO, 0, len(items))
 	for _, it := range items {
 		out = append(out, toDTO(it))
 	}
 	return out
 }
`,
      ],
    ],
  },
  {
    type: "feat",
    titles: ["Add a dry-run mode to the %noun% import command", "Dry run for %noun% imports"],
    diffs: [
      [
        "top:cmd/import/main.go",
        `
 func main() {
 	file := flag.String("file", "", "CSV file to read")
+	dryRun := flag.Bool("dry-run", false, "print the rows, write nothing")
 	flag.Parse()
 
 	rows, err := read%Noun%s(*file)
 	if err != nil {
 		log.Fatal(err)
 	}
+	if *dryRun {
+		print%Noun%s(os.Stdout, rows)
+		return
+	}
`,
      ],
    ],
  },
  {
    type: "refactor",
    titles: ["Delete the unused %noun% v0 endpoint", "Remove dead %noun% code"],
    diffs: [
      [
        "src:%noun%/v0.go",
        `
-package %noun%
-
-// Deprecated: nobody has called v0 since March.
-func (h *Handler) getV0(w http.ResponseWriter, r *http.Request) {
-	http.Error(w, "gone", http.StatusGone)
-}
`,
      ],
      [
        "src:%noun%/handler.go",
        `
@@ func (h *Handler) Register(mux *http.ServeMux) {
 	mux.HandleFunc("GET /v1/%noun%/{id}", h.get)
-	mux.HandleFunc("GET /v0/%noun%/{id}", h.getV0)
 	mux.HandleFunc("PUT /v1/%noun%/{id}", h.put)
`,
      ],
    ],
  },
  {
    type: "fix",
    titles: ["Return 404 instead of 400 for an unknown %noun%", "Right status for an unknown %noun%"],
    diffs: [
      [
        "src:api/%noun%.go",
        `
@@ func (s *Server) get%Noun%(w http.ResponseWriter, r *http.Request) {
 	item, err := s.%nouns%.Get(r.Context(), r.PathValue("id"))
 	if errors.Is(err, %noun%.ErrNotFound) {
-		http.Error(w, "bad id", http.StatusBadRequest)
+		http.Error(w, "not found", http.StatusNotFound)
 		return
 	}
 	if err != nil {
`,
      ],
    ],
  },
  {
    type: "test",
    titles: ["Table tests for %noun% validation", "Test the %noun% rules"],
    diffs: [
      [
        "src:%noun%/validate_test.go",
        `
 func TestValidate(t *testing.T) {
 	cases := []struct {
 		name string
 		in   %Noun%
 		ok   bool
 	}{
 		{"empty", %Noun%{}, false},
+		{"negative quantity", %Noun%{ID: "a", Qty: -1}, false},
+		{"too long", %Noun%{ID: strings.Repeat("a", 65), Qty: 1}, false},
+		{"plain", %Noun%{ID: "a", Qty: 1}, true},
 	}
 	for _, tc := range cases {
 		t.Run(tc.name, func(t *testing.T) {
`,
      ],
    ],
  },
];
