// The shapes that the scripts of the pages hand each other, for `bin/scripts` alone: nothing here is shipped.
// They are known everywhere without an import: collectstatic would take one in a comment for one of the product's.

type Tier = "on_track" | "watch" | "call_doctor_now" | "call_911";

/** A log: answers by the code of their question. What is not said is missing. */
type Answer = string | number | string[];
interface Log {
  [code: string]: Answer | undefined;
  notes?: string;
  question_for_team?: string;
  notes_asked?: string[];
  notes_confirm?: string;
  logged_by?: string;
  mood?: string;
  short_answer?: string;
  door?: string;
  pain_move?: number;
  pain_rest?: number;
  pain_site?: number;
  temp_value?: number;
  temp_unit?: string;
  apap_total_mg?: number;
}

/** An earlier log, so many hours after the procedure ended. */
interface PastLog {
  hours: number;
  log: Log;
}

/** A sign that is open at the clinic; hours as above. */
interface OpenAlert {
  sign: string;
  tier: Tier;
  opened_hours: number;
  status?: string;
  ack?: string;
  ack_hours?: number | null;
  snapshot?: { [key: string]: any };
}

/** An open alert with nothing missing. */
interface KnownAlert extends OpenAlert {
  ack: string;
  ack_hours: number | null;
  snapshot: { [key: string]: any };
}

/** The record, as far as a rule may ask for it; more fields by name. */
interface PatientRecord {
  [field: string]: any;
  alerts?: OpenAlert[];
  clinic_overrides?: { [name: string]: any };
  procedure_end_at?: string;
  time_zone?: string;
}

/** What a clinic changed of the rule book's numbers. */
interface ClinicConfig {
  [key: string]: any;
  fallback_min?: { [sign: string]: number };
  missed_log_h?: SilencePhase[];
}

interface SilencePhase {
  until_h?: number;
  gap_h: number;
}

/** One flat table that conditions ask: raw and derived facts by name, null where nothing is known. */
interface Facts {
  [name: string]: any;
  hours: number;
  open_alerts: KnownAlert[];
  alert_by_sign: Map<string, KnownAlert>;
}

/** The open alert that a latch rule asks about. */
interface AlertFacts {
  alert_sign: string;
  alert_tier: Tier;
  alert_ack: string;
  alert_age_hours: number;
  ack_age_hours: number | null;
  sign_present: boolean;
  sign_hard: boolean;
  sign_fresh: boolean;
  sign_worse: boolean;
}

// ---- The rule book (static/js/rulebook.js, written by recovery/triage/phone_module.py)

interface Wording {
  tier?: Tier;
  message?: string;
  specificity?: number;
  er_now?: boolean;
}

interface Rule extends Wording {
  id: string;
  tier: Tier;
  sign: string;
  message: string;
  sources: string[];
  defaults: string[];
  specificity: number;
  anyHour?: boolean;
  /** What else the product has to know of it: note, no_item, silence or missing. */
  role?: string;
  variants?: (Wording & { when(facts: Facts): any })[];
  when(facts: Facts): any;
}

interface LatchLevel extends Wording {
  tier: Tier;
  when(facts: Facts, alert: AlertFacts): any;
}

interface LatchRule {
  id: string;
  role?: string;
  each: string;
  message: string;
  sources: string[];
  defaults: string[];
  specificity: number;
  levels: LatchLevel[];
  when(facts: Facts, alert: AlertFacts): any;
}

interface Notice {
  id: string;
  text: string;
  sources: string[];
  when(facts: Facts): any;
}

interface Sign {
  tier: Tier;
  hard?: boolean;
  fresh?(facts: Facts): any;
  worse?(facts: Facts): any;
}

// Each list is one string, its entries apart by semicolons: shorter on the line than quoted strings.
interface Language {
  language: string;
  reviewed: boolean;
  plain: string;
  stops: string;
  joined: string;
  lists: { [name: string]: string };
  concepts: { [kind: string]: string };
  by_helper: { [kind: string]: string };
  marks: { [kind: string]: string };
}

interface Concept {
  key: string;
  tier: string;
  name: string;
  asks: string;
}

interface RuleBook {
  hash: string;
  tiers: Tier[];
  maxMessages: number;
  calm: { id: string; message: string; message_unread: string; sources: string[] };
  numbers: { [name: string]: any };
  spans: { [key: string]: string[] };
  feverWords: string;
  facts(patient: PatientRecord, log: Log, numbers: { [name: string]: any }): any;
  overrideDates: string[];
  lowerOnly: string[];
  atMost: { [name: string]: number };
  ackLevels: string[];
  weekHours: number;
  settledHours: number;
  missedLog: SilencePhase[];
  freeText: { negation_window_words: number; concepts: Concept[]; languages: Language[] };
  fallbackMinutes: { [sign: string]: number };
  derive(facts: Facts): void;
  urgent: Rule[];
  latch: LatchRule[];
  watch: Rule[];
  watchGuard(facts: Facts): any;
  notices: Notice[];
  noticeGuard(facts: Facts): any;
  priorities: [string, (facts: Facts) => any][];
  signs: { [key: string]: Sign };
}

// ---- Verdicts

/** A rule that fired: its entry in the judgement. */
interface Fired {
  id: string;
  tier: Tier;
  signs: string[];
  sources: string[];
  defaults: string[];
  er_now: boolean;
}

interface Message {
  rule: string;
  text: string;
  sources: string[];
}

/** What the engine says of one log (static/js/triage.js). */
interface Judgement {
  tier: Tier;
  fired: Fired[];
  notices: string[];
  nurse_priority: string | null;
  messages: Message[];
  rulebook: string;
}

/** What this phone says of one log (static/js/phone_verdict.js). */
interface Verdict {
  tier: Tier;
  fired: string[];
  signs: [string, Tier][];
  messages: Message[];
  notices: Notice[];
  minutes: number;
  erNow: boolean;
  words: boolean;
  unread: boolean;
  asksAboutNote: boolean;
  rulebook: string;
  facts: string;
  known: boolean;
  awaySince: string | null;
  before: boolean;
  stale: boolean;
  outdated: boolean;
}

/** The facts of one patient as /api/facts/ gives them; fetched_at: milliseconds since 1970, by this phone's clock. */
interface KeptFacts {
  person: string;
  about: string;
  version: string;
  shown: string;
  shell: string;
  rulebook: string;
  epoch: string;
  last_received: string | null;
  in_hospital_since: string | null;
  procedure_end_at: string;
  patient: PatientRecord & { alerts: OpenAlert[] };
  history: PastLog[];
  config: ClinicConfig;
  fetched_at: number;
}

// ---- What a phone keeps (static/js/store.js)

/** What is posted to /api/logs/. */
interface LogBody {
  client_id: string;
  about: string;
  answers: Log;
  answered_at: string;
  partial: boolean;
  supersedes: string | null;
  phone_tier: Tier;
  phone_rulebook: string;
  phone_facts: string;
  phone_fired: string[];
  count?: LogNumber;
}

/** Which log of this phone this is, which is the last, and which are gone for good. */
interface LogNumber {
  sequence: string;
  number: number;
  last: number;
  gone: number[];
}

/** How many logs this phone has numbered about one patient. */
interface Count {
  sequence: string;
  last: number;
  open: { place: number; id: string; at: number }[];
}

/** What lies beside a kept thing in the clear. at, sent_at: milliseconds since 1970. */
interface Marks {
  about?: string;
  at?: number;
  urgent?: boolean;
  state?: string;
  why?: string;
  name?: string;
  call?: string;
  tel?: string;
  envelope?: string | null;
  epoch?: string | null;
  received_at?: string | null;
  sent_at?: number;
}

/** A row as it lies in the store: closed, but for its marks. */
interface ClosedRow extends Closed {
  person: string;
  kind: string;
  id: string;
  marks: Marks & { at: number };
}

/** Bytes that were closed, by the version of storage_formats.js that closed them. */
interface Closed {
  v?: number;
  iv: Uint8Array<ArrayBuffer>;
  data: Uint8Array<ArrayBuffer>;
}

type Keys = { [version: number]: CryptoKey };

/** A log that waits on this phone, or that the clinic has. lost: its key does not open it. */
interface StoredLog extends Marks {
  id: string;
  about: string;
  at: number;
  tier: Tier;
  signs: [string, Tier][];
  verdict: Verdict;
  body: LogBody;
  lost?: boolean;
  newer?: boolean;
}

/** A page as it was last seen. shown: the mark of the facts it was made from. */
interface KeptPage {
  id: string;
  html: string;
  title: string;
  at: number;
  shown?: string;
  lost?: boolean;
}

/** What everybody may know of a kept log: its marks, and whose it is. */
interface Marked extends Marks {
  person: string;
  id: string;
  at: number;
}

/** The key by which a phone sends urgent logs of one person; until: milliseconds since 1970. */
interface SendingKey {
  key: string;
  until: number;
  sign: CryptoKey;
}

/** A person on this phone. live and keys: while they are signed in; live is the key of version 1. */
interface PersonRow {
  person: string;
  live?: CryptoKey | null;
  keys?: Keys | null;
  wrapped?: Closed;
  credential?: SendingKey | null;
  asked_at?: number;
}

/** Who is signed in, and whom they may answer for, by the patient's code. */
interface Profile {
  person: string;
  name: string;
  people: { [code: string]: { name: string; call: string; tel: string } };
  seal?: { id: string; point: string };
}

// ---- The questions (static/js/questions.js, written by recovery/forms/phone_questions.py)

interface BodyPicture {
  box: string;
  outline: string[];
  places: Record<string, string[]>;
  asked: Record<string, string[]>;
  centers: number[];
}

interface Question {
  code: string;
  type: string;
  words: string;
  required?: boolean;
  list?: string;
  worry?: Answer[];
  tick?: boolean;
  limits?: number[];
  longest?: number;
  unit?: string;
}

/** How people write numbers and units. */
interface NumberWords {
  longest: number;
  folded: { [letter: string]: string };
  any: string;
  whole: string;
  thousands: string;
  degrees: string[];
  tempUnits: { [word: string]: string };
  units: { [unit: string]: string[] };
}

/** What became of sending a log: sent, waiting, sign_in or refused; told: the answer of /api/logs/. */
interface Outcome {
  state: string;
  why?: string;
  told?: any;
}
