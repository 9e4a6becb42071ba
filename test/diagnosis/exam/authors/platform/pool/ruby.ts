import type { Change } from "../change.ts";
import type { Random } from "../random.ts";
import type { Service } from "../services.ts";

const snake = (noun: string) => noun.toLowerCase();

const copy = (r: Random, { source, nouns }: Service): Change => {
  const noun = snake(r.pick(nouns));
  return {
    title: r.pick([`Shorten the ${noun} page texts`, `Plain language on the ${noun} page`]),
    files: {
      [`${source}/config/locales/${noun}.en.yml`]: `
 en:
   ${noun}:
-    title: "Manage your ${noun} settings"
-    hint: "Please note that changes may take up to 24 hours"
+    title: "Your ${noun}"
+    hint: "Changes are visible within a day"
+    empty: "Nothing here yet"
     back: "Back"`,
      [`${source}/app/views/${noun}s/show.html.erb`]: `
 <section class="card">
-  <h1><%= t("${noun}.title") %></h1>
+  <h1 class="card__title"><%= t("${noun}.title") %></h1>
   <p><%= t("${noun}.hint") %></p>`,
    },
  };
};

const scope = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Name the open ${snake(noun)} query`,
    files: {
      [`${source}/app/models/${snake(noun)}.rb`]: `
@@ class ${noun} < ApplicationRecord
   belongs_to :customer
+  scope :open_ones, -> { where(closed_at: nil).order(:created_at) }
+  scope :recent, -> { where(created_at: 30.days.ago..) }
   validates :state, presence: true`,
      [`${source}/app/controllers/${snake(noun)}s_controller.rb`]: `
@@ def index
-    @items = ${noun}.where(closed_at: nil).order(:created_at).limit(20)
+    @items = ${noun}.open_ones.limit(20)
     render :index`,
    },
  };
};

const spec = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Freeze time in flaky ${snake(noun)} spec`,
    files: {
      [`${source}/spec/models/${snake(noun)}_spec.rb`]: `
@@ RSpec.describe ${noun} do
   describe "#overdue?" do
-    let(:item) { build(:${snake(noun)}, due_on: Date.today) }
+    let(:item) { build(:${snake(noun)}, due_on: Date.new(2026, 3, 2)) }
+
+    before { travel_to Time.zone.local(2026, 3, 2, 12) }
 
-    it { is_expected.not_to be_overdue }
+    it "is not overdue on the day itself" do
+      expect(item).not_to be_overdue
+    end
   end`,
    },
  };
};

const presenter = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `refactor: introduce ${noun}Presenter`,
    files: {
      [`${source}/app/presenters/${snake(noun)}_presenter.rb`]: `
+class ${noun}Presenter < SimpleDelegator
+  def amount_text
+    format("%.2f %s", amount_cents / 100.0, currency)
+  end
+
+  def state_text
+    I18n.t("${snake(noun)}.states.#{state}", default: state.humanize)
+  end
+end`,
      [`${source}/app/helpers/${snake(noun)}_helper.rb`]: `
 module ${noun}Helper
-  def amount_text(item)
-    format("%.2f %s", item.amount_cents / 100.0, item.currency)
-  end
+  def present(item) = ${noun}Presenter.new(item)
 end`,
    },
  };
};

const rubocop = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: r.pick([
      `Autocorrect Style/HashSyntax in ${snake(noun)} code`,
      `Rubocop: ${snake(noun)} serialisers`,
    ]),
    files: {
      [`${source}/app/serializers/${snake(noun)}_serializer.rb`]: `
@@ def as_json(*)
-    { :id => object.id, :state => object.state,
-      :created_at => object.created_at.iso8601 }
+    {
+      id: object.id,
+      state: object.state,
+      created_at: object.created_at.iso8601
+    }
   end`,
    },
  };
};

const bump = (r: Random, { source }: Service): Change => {
  const gem = r.pick(["rubocop", "i18n-tasks", "simplecov", "brakeman", "annotate", "letter_opener"]);
  const minor = r.int(2, 60);
  return {
    title: `build(deps-dev): bump ${gem} from 1.${minor}.0 to 1.${minor}.1`,
    bot: true,
    author: "dependabot[bot]",
    files: {
      [`${source}/Gemfile.lock`]: `
@@ GEM
     rspec-support (3.13.1)
-    ${gem} (1.${minor}.0)
-      json (~> 2.3)
-      language_server-protocol (>= 3.17.0)
+    ${gem} (1.${minor}.1)
+      json (~> 2.3)
+      language_server-protocol (~> 3.17.0.2)
     ruby-progressbar (1.13.0)`,
    },
  };
};

const note = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Allow a note on a ${snake(noun)}`,
    files: {
      [`${source}/app/controllers/${snake(noun)}s_controller.rb`]: `
@@ def ${snake(noun)}_params
-    params.require(:${snake(noun)}).permit(:state, :due_on)
+    params.require(:${snake(noun)}).permit(:state, :due_on, :note)
   end`,
      [`${source}/app/views/${snake(noun)}s/_form.html.erb`]: `
   <%= form.date_field :due_on %>
+  <%= form.label :note %>
+  <%= form.text_area :note, rows: 3, maxlength: 400 %>
+  <p class="hint">Only colleagues see it.</p>
   <%= form.submit %>`,
    },
  };
};

export const ruby = [copy, scope, spec, presenter, rubocop, bump, note];
